using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Rates;

/// <summary>Prices per hour from an instant on. Rows are added ahead of time and never changed.</summary>
public sealed class Rate : IEntity
{
    public Guid Id { get; init; }
    public DateTimeOffset ValidFrom { get; init; }
    public decimal BasePerHour { get; init; }
    public decimal PerCoreHour { get; init; }
    /// <summary>For each GiB of memory.</summary>
    public decimal PerGBHour { get; init; }
    /// <summary>For each GiB of storage.</summary>
    public decimal PerStorageGBHour { get; init; }
    public required string Currency { get; init; }

    /// <summary>What every installation begins with.</summary>
    internal static Rate First { get; } = new()
    {
        Id = new("019a0000-0000-7000-8000-000000000001"), ValidFrom = DateTimeOffset.UnixEpoch,
        BasePerHour = 0.5m, PerCoreHour = 0.1m, PerGBHour = 0.05m, PerStorageGBHour = 0.01m, Currency = "CNY",
    };

    public decimal PerHour(int cpuCores, int memoryGB, int storageGB) =>
        BasePerHour + PerCoreHour * cpuCores + PerGBHour * memoryGB + PerStorageGBHour * storageGB;

    public static Rate ValidAt(IEnumerable<Rate> rates, DateTimeOffset at) =>
        rates.Where(r => r.ValidFrom <= at).MaxBy(r => r.ValidFrom) ?? First;
}
