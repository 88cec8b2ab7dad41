using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>
/// What each service, the databases and this machine's processes say about phones, one after the other. Usage, quotas,
/// accounts and notifications are of the given users; phones that others had before have left theirs behind, closed and
/// read.
/// </summary>
sealed record Books(
    IReadOnlyList<DeviceRow> Devices, IReadOnlyList<PlacementRow> Placements, IReadOnlyList<NodeRow> Nodes,
        IReadOnlyList<UsageRow> Usage,
    IReadOnlyDictionary<Guid, QuotaRow> Quotas, IReadOnlyDictionary<Guid, AccountRow> Accounts,
    IReadOnlyDictionary<Guid, IReadOnlyList<NotificationRow>> Notifications,
    ILookup<Guid, int> Processes, IReadOnlyList<string> Pending, IReadOnlyList<HeldRow> Held)
{
    /// <summary>The quotas of all users, as their table has them.</summary>
    public IReadOnlyList<(Guid User, QuotaRow Usage)> KeptQuotas { get; init; } = [];

    public static async Task<Books> ReadAsync(
        RunningPlatform platform, PlatformUser admin, IReadOnlyList<PlatformUser> users)
    {
        var quotas = new Dictionary<Guid, QuotaRow>();
        var accounts = new Dictionary<Guid, AccountRow>();
        var notifications = new Dictionary<Guid, IReadOnlyList<NotificationRow>>();
        foreach (var user in users)
        {
            quotas[user.Id] = (await user.QuotaUsageAsync()).As<QuotaRow>();
            accounts[user.Id] = new(
                (await user.GetAsync("/api/users/me")).GetProperty("balance").GetDecimal(),
                (await user.ListAsync("/api/users/me/statement")).As<LedgerRow>());
            notifications[user.Id] = (await user.ListAsync("/api/notifications")).As<NotificationRow>();
        }
        return new(
            (await admin.ListAsync("/api/devices")).As<DeviceRow>(),
            (await admin.ListAsync("/api/scheduler/placements")).As<PlacementRow>(),
            (await admin.ListAsync("/api/scheduler/nodes")).As<NodeRow>(),
            [.. (await admin.ListAsync("/api/billing/usage")).As<UsageRow>().Where(u => quotas.ContainsKey(u.UserId))],
            quotas, accounts, notifications, platform.Phones().ToLookup(PhoneOf), [.. Databases.Pending(platform)],
            ReadHeld(platform))
        {
            KeptQuotas = ReadQuotas(platform),
        };
    }

    static List<(Guid User, QuotaRow Usage)> ReadQuotas(RunningPlatform platform)
    {
        using var users = platform.OpenDatabase(AppIds.Users);
        return users.Rows("user_id, current_devices, used_cpu_cores, used_memory_gb FROM quotas",
            r => (r.Id(0), new QuotaRow(r.GetInt32(1), r.GetInt32(2), r.GetInt32(3))));
    }

    /// <summary>No API shows on which node.</summary>
    static List<HeldRow> ReadHeld(RunningPlatform platform)
    {
        using var scheduler = platform.OpenDatabase(AppIds.Scheduler);
        return scheduler.Rows("node_id, cpu_cores, memory_gb FROM reservations WHERE state = 'Ready'",
            r => new HeldRow(r.Id(0), r.GetInt32(1), r.GetInt32(2)));
    }

    /// <summary>A phone's folder is named by its device.</summary>
    static Guid PhoneOf(int pid) =>
        Running.Processes.CommandLine(pid).Trim().Split('/')[^1] is var name
            && Guid.TryParse(name, out var id) ? id : Guid.Empty;
}
