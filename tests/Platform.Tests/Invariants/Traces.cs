using System.Data.Common;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>What all that ever happened has left in the services' databases: no API shows it as a whole.</summary>
sealed record Traces(
    IReadOnlyList<RoomRow> Rooms, IReadOnlyList<CapacityRow> Nodes, IReadOnlyList<MoveRow> Moves,
    IReadOnlyList<OwnedRow> Devices, IReadOnlyList<LimitRow> Limits, IReadOnlyList<FactRow> Facts,
    IReadOnlyList<ReferenceRow> References, ILookup<string, Guid> Known, IReadOnlyList<ServiceEvents> Events,
    IReadOnlyList<AbortRow> Aborts, ILookup<string, Guid> Told)
{
    public static Traces Read(RunningPlatform platform)
    {
        using var scheduler = platform.OpenDatabase(AppIds.Scheduler);
        using var devices = platform.OpenDatabase(AppIds.Devices);
        using var users = platform.OpenDatabase(AppIds.Users);
        using var apps = platform.OpenDatabase(AppIds.Apps);
        using var billing = platform.OpenDatabase(AppIds.Billing);
        using var media = platform.OpenDatabase(AppIds.Media);
        // those that name come before those that are named: what begins meanwhile breaks nothing
        var references = Naming(devices, scheduler, billing, media);
        var aborts = Invariants.Aborts.Read(devices, apps);
        var handlers = Handlers();
        return new(
            scheduler.Rows("device_id, node_id, action, node_used_cpu_cores, node_used_memory_gb, node_used_devices "
                + "FROM placement_history", r => new RoomRow(r.Id(0), r.Id(1), r.GetString(2), r.Amount(3))),
            scheduler.Rows("id, cpu_cores, memory_gb, max_devices FROM nodes", r => new CapacityRow(
                r.Id(0), r.Amount(1))),
            devices.Rows("device_id, \"from\", \"to\", at, version FROM device_history "
                + "WHERE \"from\" IS DISTINCT FROM \"to\"", r => new MoveRow(
                r.Id(0), r.Text(1), r.Text(2), r.Time(3), r.GetInt64(4))),
            devices.Rows("id, user_id, cpu_cores, memory_gb, 1 FROM devices", r => new OwnedRow(
                r.Id(0), r.Id(1), r.Amount(2))),
            users.Rows("user_id, total_cpu_cores, total_memory_gb, max_devices FROM quotas WHERE version = 1",
                r => new LimitRow(r.Id(0), r.Amount(1))),
            billing.Rows("device_id, version, kind FROM device_facts WHERE kind <> 'Created'",
                r => new FactRow(r.Id(0), r.GetInt64(1), r.GetString(2))),
            references,
            users.Rows("id FROM users", r => ("user", r.Id(0)))
                .Concat(apps.Rows("id FROM apps", r => ("app", r.Id(0))))
                .Concat(devices.Rows("id FROM devices", r => ("device", r.Id(0))))
                .Concat(scheduler.Rows("id FROM nodes", r => ("node", r.Id(0))))
                .ToLookup(k => k.Item1, k => k.Item2),
            [.. Databases.Services.Select(s => EventsOf(platform, s, handlers[s].ToHashSet()))],
            aborts, Invariants.Aborts.ReadTold(devices, apps));
    }

    static IReadOnlyList<ReferenceRow> Naming(
        DbConnection devices, DbConnection scheduler, DbConnection billing, DbConnection media) =>
    [
        .. devices.Rows("id, user_id FROM devices", r => new ReferenceRow("device", r.Id(0), "user", r.Id(1))),
        .. devices.Rows("id, app_id FROM installs WHERE status = 'Installed'",
            r => new ReferenceRow("install", r.Id(0), "app", r.Id(1))),
        .. devices.Rows("id, device_id FROM installs", r => new ReferenceRow("install", r.Id(0), "device", r.Id(1))),
        .. scheduler.Rows("id, device_id FROM placements WHERE state = 'Confirmed'",
            r => new ReferenceRow("placement", r.Id(0), "device", r.Id(1))),
        .. scheduler.Rows("id, node_id FROM placements WHERE node_id IS NOT NULL",
            r => new ReferenceRow("placement", r.Id(0), "node", r.Id(1))),
        .. billing.Rows("id, device_id FROM usage_records",
            r => new ReferenceRow("usage record", r.Id(0), "device", r.Id(1))),
        .. billing.Rows("id, user_id FROM usage_records",
            r => new ReferenceRow("usage record", r.Id(0), "user", r.Id(1))),
        .. Media(media, "sessions", "session"), .. Media(media, "recordings", "recording"),
    ];

    static List<ReferenceRow> Media(DbConnection media, string table, string what) =>
    [
        .. media.Rows($"id, device_id FROM {table}", r => new ReferenceRow(what, r.Id(0), "device", r.Id(1))),
        .. media.Rows($"id, user_id FROM {table}", r => new ReferenceRow(what, r.Id(0), "user", r.Id(1))),
    ];

    static ServiceEvents EventsOf(RunningPlatform platform, string appId, IReadOnlySet<string> handles)
    {
        using var database = platform.OpenDatabase(appId);
        // read first, so that what comes meanwhile is not missed: it is handled after it was sent
        var sent = database.Rows("id, type FROM outbox WHERE confirmed_at IS NOT NULL", r => (r.Id(0), r.GetString(1)));
        var handled = database.Rows("event_id FROM inbox", r => r.GetString(0));
        return new(appId, sent.ToDictionary(s => s.Item1, s => s.Item2),
            handled.Select(h => Guid.TryParse(h, out var id) ? id : Guid.Empty).ToHashSet(), handles);
    }

    /// <summary>
    /// The broker's bindings name each kind that a service handles; patterns and dead letters are for its receipts.
    /// </summary>
    static ILookup<string, string> Handlers()
    {
        using var definitions = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Repository.Root, "components", "rabbitmq", "definitions.json")));
        return definitions.RootElement.GetProperty("bindings").EnumerateArray()
            .Select(b => (Queue: b.GetProperty("destination").GetString()!,
                Key: b.GetProperty("routing_key").GetString()!))
            .Where(b => b.Queue.EndsWith(".events", StringComparison.Ordinal)
                && !b.Key.Contains('#', StringComparison.Ordinal) && b.Key != SystemDeadLetter.EventName)
            .ToLookup(b => b.Queue[..^".events".Length], b => b.Key);
    }
}
