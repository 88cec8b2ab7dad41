using System.Data.Common;
using System.Text.Json;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>Something that failed, and what is to tell of that.</summary>
/// <param name="Times">How often it did.</param>
public sealed record AbortRow(string What, Guid Id, string Event, int Times);

/// <summary>What failed, by the service that it failed in, and what that has told of it.</summary>
static class Aborts
{
    public static IReadOnlyList<AbortRow> Read(DbConnection devices, DbConnection apps) =>
    [
        // a refusal at once was the answer to the request, and is told by nothing else
        .. devices.Rows("id FROM devices WHERE failure_code IS NOT NULL AND deleted_at IS NOT NULL "
            + "AND step <> 'Requested'", r => new AbortRow("the creation of", r.Id(0), "device.creation_failed", 1)),
        .. devices.Rows("device_id, count(*) FROM device_history WHERE \"to\" = 'Failed' GROUP BY device_id",
            r => new AbortRow("device", r.Id(0), "device.failed", r.GetInt32(1))),
        // one that breaks again while it heals has been told of
        .. devices.Rows("device_id, count(*) FROM device_history WHERE \"to\" = 'Error' AND \"from\" <> 'Recovering' "
            + "GROUP BY device_id", r => new AbortRow("device", r.Id(0), "device.error", r.GetInt32(1))),
        // of a phone that was deleted they are hidden: its owner wanted that
        .. apps.Rows("id FROM installs WHERE status = 'Failed' AND hidden_at IS NULL",
            r => new AbortRow("install", r.Id(0), "app.install_failed", 1)),
    ];

    /// <returns>Event to what it is about, once for each time.</returns>
    public static ILookup<string, Guid> ReadTold(DbConnection devices, DbConnection apps) =>
        Told(devices, "'device.creation_failed', 'device.failed', 'device.error'", "deviceId")
            .Concat(Told(apps, "'app.install_failed'", "installId")).ToLookup(t => t.Event, t => t.Id);

    static List<(string Event, Guid Id)> Told(DbConnection database, string events, string id) => database.Rows(
        $"type, payload FROM outbox WHERE type IN ({events})", r =>
        {
            using var payload = JsonDocument.Parse(r.GetString(1));
            return (r.GetString(0), payload.RootElement.GetProperty(id).GetGuid());
        });
}
