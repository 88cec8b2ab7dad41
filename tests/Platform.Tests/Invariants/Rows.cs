using System.Text.Json;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>What the checks need of the API's answers.</summary>
public sealed record DeviceRow(Guid Id, Guid UserId, string Name, string Status, int CpuCores, int MemoryGB);

public sealed record PlacementRow(Guid DeviceId, Guid? NodeId, int CpuCores, int MemoryGB, string State)
{
    public bool HoldsRoom => State is "reserved" or "confirmed";
}

/// <summary>A reservation that is ready: its node holds room for it.</summary>
public sealed record HeldRow(Guid NodeId, int CpuCores, int MemoryGB);

public sealed record Amount(int CpuCores, int MemoryGB, int Devices)
{
    public Amount Negated() => new(-CpuCores, -MemoryGB, -Devices);

    public Amount Plus(Amount more) =>
        new(CpuCores + more.CpuCores, MemoryGB + more.MemoryGB, Devices + more.Devices);

    public bool FitsIn(Amount limit) =>
        CpuCores <= limit.CpuCores && MemoryGB <= limit.MemoryGB && Devices <= limit.Devices;
}

public sealed record NodeRow(Guid Id, string Name, Amount Used);

public sealed record UsageRow(Guid DeviceId, Guid UserId, string Status, DateTimeOffset? StartedAt);

public sealed record QuotaRow(int CurrentDevices, int UsedCpuCores, int UsedMemoryGB);

public sealed record LedgerRow(long Version, decimal Amount, decimal BalanceAfter, string Reason, Guid CauseId);

public sealed record AccountRow(decimal Balance, IReadOnlyList<LedgerRow> Entries);

public sealed record NotificationRow(string Type, JsonElement Data)
{
    /// <summary>Null for what does not concern a phone.</summary>
    public Guid? DeviceId => Data.TryGetProperty("deviceId", out var id) ? id.GetGuid() : null;
}

static class RowJson
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static T As<T>(this JsonElement element) => element.Deserialize<T>(Web)!;

    public static IReadOnlyList<T> As<T>(this IReadOnlyList<JsonElement> elements) =>
        [.. elements.Select(e => e.As<T>())];
}
