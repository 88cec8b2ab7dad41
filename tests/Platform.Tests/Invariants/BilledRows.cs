using System.Text.Json;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>A run of a phone as billing has it.</summary>
/// <param name="StartedAt">Null: it has not booted for the first time.</param>
/// <param name="Seconds">Metered; 0 while it is open.</param>
/// <param name="IncludedSeconds">Those that a plan has paid for.</param>
/// <param name="IsDue">What the facts say is not charged yet.</param>
sealed record BillRow(
    Guid Id, Guid DeviceId, Guid UserId, string Status, DateTimeOffset? StartedAt, long Seconds, long IncludedSeconds,
    decimal PricePerHour, long ChargedSeconds, decimal Charged, bool IsDue)
{
    public bool IsClosed => Status == "Closed";

    public decimal Price => decimal.Round(
        PricePerHour * (Seconds - IncludedSeconds) / 3600, 6, MidpointRounding.AwayFromZero);
}

/// <summary>A phone as the device service has it, gone ones among them.</summary>
/// <param name="StorageGB">0: it is older than the price of storage.</param>
sealed record SizeRow(int CpuCores, int MemoryGB, int StorageGB);

/// <summary>Prices per hour from an instant on.</summary>
sealed record CardRow(DateTimeOffset ValidFrom, decimal Base, decimal PerCore, decimal PerGB, decimal PerStorageGB)
{
    public decimal PerHour(SizeRow size) =>
        Base + PerCore * size.CpuCores + PerGB * size.MemoryGB + PerStorageGB * size.StorageGB;
}

/// <summary>What billing has told the user service to debit.</summary>
sealed record ChargeRow(
    Guid ChargeId, Guid UsageId, Guid DeviceId, Guid UserId, decimal Amount, long Seconds, DateTimeOffset From)
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static ChargeRow Of(string payload) => JsonSerializer.Deserialize<ChargeRow>(payload, Web)!;
}

/// <summary>What was charged for a device on a day.</summary>
sealed record DayRow(Guid DeviceId, Guid UserId, DateOnly Day, long Seconds, decimal Amount);

sealed record OrderRow(Guid Id, string Status, Guid? PaymentId, decimal Refunded);

/// <param name="AsTopUp">False: it has bought a plan.</param>
sealed record PaymentRow(Guid Id, Guid OrderId, Guid UserId, decimal Amount, string Status, bool AsTopUp)
{
    public bool IsPaid => Status == "Succeeded";
}

/// <param name="IsAsked">False: somebody paid back at the provider itself, whatever the balance is.</param>
sealed record RefundRow(
    Guid Id, Guid OrderId, Guid PaymentId, Guid UserId, decimal Amount, string Status, bool IsAsked)
{
    /// <summary>The provider said that it went back, whatever it said later.</summary>
    public bool IsDone => Status is "Completed" or "Failed";
}

/// <summary>A balance as billing was told it last.</summary>
sealed record ToldRow(Guid UserId, decimal Balance, long Version);

/// <param name="RefundId">Of a credit note.</param>
sealed record InvoiceRow(string Number, Guid UserId, decimal Amount, Guid PaymentId, Guid? RefundId);
