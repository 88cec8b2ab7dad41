using System.Globalization;
using System.Text;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Everything that the services' databases say, to see that nothing of it changed.</summary>
static class Facts
{
    /// <summary>Book-keeping of messages and repeated requests: no facts.</summary>
    static readonly string[] Bookkeeping = ["inbox", "handler_failures", "idempotency_keys"];

    /// <summary>Once the consequences of what was done before have come to an end.</summary>
    public static async Task<IReadOnlyList<string>> SettledAsync(RunningPlatform platform)
    {
        var last = Read(platform);
        var since = DateTime.UtcNow;
        await Wait.UntilAsync("the platform to come to rest", () =>
        {
            var now = Read(platform);
            if (!now.SequenceEqual(last))
                (last, since) = (now, DateTime.UtcNow);
            return DateTime.UtcNow - since > TimeSpan.FromSeconds(1);
        }, 60);
        return last;
    }

    /// <summary>Runs it, and fails where the facts differ afterwards.</summary>
    public static async Task UnchangedAsync(RunningPlatform platform, Func<Task> run)
    {
        var before = await SettledAsync(platform);
        await run();
        var after = await SettledAsync(platform);
        Assert.True(
            before.SequenceEqual(after),
            $"changed:\n- {string.Join("\n- ", before.Except(after).Take(20))}\n"
            + $"+ {string.Join("\n+ ", after.Except(before).Take(20))}");
    }

    static List<string> Read(RunningPlatform platform) =>
        [.. Directory.GetFiles(platform.Data, "*-service.db").Order(StringComparer.Ordinal).SelectMany(Rows)];

    static List<string> Rows(string file)
    {
        using var connection = new SqliteConnection(
            $"Data Source={file};Mode=ReadOnly;Pooling=False;Default Timeout=30");
        connection.Open();
        var service = Path.GetFileNameWithoutExtension(file);
        var rows = new List<string>();
        foreach (var table in Query(connection,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", "")
                .Select(t => t.Trim('|')))
            if (!Bookkeeping.Contains(table))
                rows.AddRange(Query(connection, table == "outbox" ? "SELECT id, type, payload FROM outbox"
                    : $"SELECT * FROM \"{table}\"", $"{service} {table} "));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    static IEnumerable<string> Query(SqliteConnection connection, string sql, string prefix)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // table names come from the database itself
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var row = new StringBuilder(prefix);
            for (var i = 0; i < reader.FieldCount; i++)
                row.Append(CultureInfo.InvariantCulture, $"{reader.GetValue(i)}|");
            yield return row.ToString();
        }
    }
}
