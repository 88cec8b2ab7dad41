using System.Data.Common;
using System.Globalization;
using System.Text;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Everything that the services' databases say, to see that nothing of it changed.</summary>
static class Facts
{
    /// <summary>Book-keeping of messages, of repeated requests and of whose turn it is: no facts.</summary>
    static readonly string[] Bookkeeping =
        ["inbox", "handler_failures", "idempotency_keys", "charging_turn", "reconciliation_turn"];

    /// <summary>When a phone was last asked how it is: a timer asks, whatever anybody sends.</summary>
    const string LastCheck = "checked_at";

    const string SqliteTables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    const string PostgresTables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";

    static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    /// <summary>Longer than the first pauses between tries.</summary>
    static readonly TimeSpan LongRest = TimeSpan.FromSeconds(5);

    /// <summary>Once the consequences of what was done before have come to an end.</summary>
    public static async Task<IReadOnlyList<string>> SettledAsync(RunningPlatform platform)
    {
        var last = Read(platform);
        var since = DateTime.UtcNow;
        await Wait.UntilAsync("the platform to come to rest", () =>
        {
            // asked first: what it still does, the reading then sees
            var isAtWork = Databases.IsAtWork(platform) || IsWatched(platform);
            var now = Read(platform);
            if (isAtWork || !now.SequenceEqual(last))
                (last, since) = (now, DateTime.UtcNow);
            return DateTime.UtcNow - since > (last.Any(IsTriedAgain) ? LongRest : Rest);
        }, 120, every: 0.1);
        return last;
    }

    /// <summary>A session whose viewer has gone ends by itself; one of a killed process after a minute.</summary>
    static bool IsWatched(RunningPlatform platform)
    {
        using var media = platform.OpenDatabase(AppIds.Media);
        return Databases.Count(media, "sessions WHERE ended_at IS NULL") > 0;
    }

    static bool IsTriedAgain(string row) =>
        (row.StartsWith("device-service installs ", StringComparison.Ordinal)
            || row.StartsWith("notification-service mails ", StringComparison.Ordinal))
            && row.Contains("|Pending|", StringComparison.Ordinal);

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

    static List<string> Read(RunningPlatform platform) => [.. Databases.Services.SelectMany(s => Rows(platform, s))];

    static List<string> Rows(RunningPlatform platform, string service)
    {
        using var connection = platform.OpenDatabase(service);
        var rows = new List<string>();
        foreach (var table in Query(connection, connection is SqliteConnection ? SqliteTables : PostgresTables, "")
            .Select(t => t.Trim('|')).ToList())
            if (!Bookkeeping.Contains(table))
                rows.AddRange(Query(connection, table == "outbox" ? "SELECT id, type, payload FROM outbox"
                    : $"SELECT * FROM \"{table}\"", $"{service} {table} "));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    static IEnumerable<string> Query(DbConnection connection, string sql, string prefix)
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
                if (reader.GetName(i) != LastCheck)
                    row.Append(CultureInfo.InvariantCulture, $"{reader.GetValue(i)}|");
            yield return row.ToString();
        }
    }
}
