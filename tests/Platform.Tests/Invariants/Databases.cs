using System.Data.Common;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>What is still on its way between services, read from their databases: no API shows it.</summary>
static class Databases
{
    public static readonly string[] Services =
        [AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing, AppIds.Notifications,
            AppIds.Media];

    public static IEnumerable<string> Pending(RunningPlatform platform)
    {
        foreach (var service in Services)
        {
            using var database = platform.OpenDatabase(service);
            if (Count(database, "outbox WHERE sent_at IS NULL OR confirmed_at IS NULL") is > 0 and var events)
                yield return $"{events} events of {service} have not come back";
            foreach (var letter in Letters(database))
                yield return $"{service} has the dead letter {letter}";
        }
    }

    /// <summary>Whether events are on their way, or runs have ended that are not charged to their end.</summary>
    public static bool IsAtWork(RunningPlatform platform) => Services.Any(service =>
    {
        using var database = platform.OpenDatabase(service);
        return Count(database, "outbox WHERE sent_at IS NULL OR confirmed_at IS NULL") > 0
            || (service == AppIds.Billing
                && Count(database, "usage_records WHERE status <> 'Open' AND changes <> charged_changes") > 0);
    });

    static List<string> Letters(DbConnection database)
    {
        using var command = database.CreateCommand();
        command.CommandText =
            "SELECT event_name, event_id, failed_at, error FROM dead_letters WHERE replayed_at IS NULL";
        using var reader = command.ExecuteReader();
        var letters = new List<string>();
        while (reader.Read())
            letters.Add($"{reader[0]} {reader[1]} of {reader[2]}: {reader[3]}");
        return letters;
    }

    /// <param name="what">A table, with a condition or without: the test's own words.</param>
    public static long Count(DbConnection database, string what) => (long)One(database, $"count(*) FROM {what}")!;

    /// <param name="what">Of a SELECT: the test's own words.</param>
    /// <returns>The first column of the first row; null: there is none.</returns>
    public static object? One(DbConnection database, string what)
    {
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // see above
        command.CommandText = $"SELECT {what}";
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
