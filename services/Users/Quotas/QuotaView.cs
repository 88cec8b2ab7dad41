namespace CloudPhone.Users.Quotas;

public sealed record QuotaLimits(int MaxDevices, int TotalCpuCores, int TotalMemoryGB);

/// <summary>What is taken, phones that are being created included.</summary>
public sealed record QuotaUsage(int CurrentDevices, int UsedCpuCores, int UsedMemoryGB);

/// <summary>What may still be taken.</summary>
public sealed record QuotaRoom(int Devices, int CpuCores, int MemoryGB)
{
    /// <summary>Nothing where more is taken than allowed.</summary>
    public static QuotaRoom Of(QuotaLimits limits, QuotaUsage usage) => new(
        Math.Max(0, limits.MaxDevices - usage.CurrentDevices),
        Math.Max(0, limits.TotalCpuCores - usage.UsedCpuCores),
        Math.Max(0, limits.TotalMemoryGB - usage.UsedMemoryGB));
}

public sealed record QuotaView(Guid UserId, QuotaLimits Limits, QuotaUsage Usage, DateTimeOffset? ValidUntil)
{
    public static QuotaView Of(Quota q) => new(
        q.UserId, q.Limits, new(q.CurrentDevices, q.UsedCpuCores, q.UsedMemoryGB), q.ValidUntil);
}
