using System.Data.Common;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>What is still on its way between services, read from their databases: no API shows it.</summary>
static class Databases
{
    public static readonly string[] Services =
        [AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing, AppIds.Notifications];

    public static IEnumerable<string> Pending(RunningPlatform platform)
    {
        foreach (var service in Services)
        {
            using var database = platform.OpenDatabase(service);
            if (Count(database, "outbox WHERE sent_at IS NULL OR confirmed_at IS NULL") is > 0 and var events)
                yield return $"{events} events of {service} have not come back";
            if (Count(database, "dead_letters WHERE replayed_at IS NULL") is > 0 and var letters)
                yield return $"{service} has {letters} dead letters";
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

    static long Count(DbConnection database, string what)
    {
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // constants of this class
        command.CommandText = $"SELECT count(*) FROM {what}";
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}
