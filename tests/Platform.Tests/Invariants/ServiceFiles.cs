using CloudPhone.Contracts;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>What is still on its way between services, read from their databases: no API shows it.</summary>
static class ServiceFiles
{
    static readonly string[] WithDatabase =
        [AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing, AppIds.Notifications];

    public static IEnumerable<string> Pending(string data)
    {
        foreach (var service in WithDatabase)
        {
            using var file = new SqliteConnection(
                $"Data Source={Path.Combine(data, service)}.db;Mode=ReadOnly;Pooling=False");
            file.Open();
            if (Count(file, "outbox WHERE sent_at IS NULL OR confirmed_at IS NULL") is > 0 and var events)
                yield return $"{events} events of {service} have not come back";
            if (Count(file, "dead_letters WHERE replayed_at IS NULL") is > 0 and var letters)
                yield return $"{service} has {letters} dead letters";
        }
    }

    static long Count(SqliteConnection file, string what)
    {
        using var command = file.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = $"SELECT count(*) FROM {what}";
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
