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

/// <summary>What the user has without a plan: the default, or what an operator has set.</summary>
public sealed record OwnQuota(QuotaLimits Limits, DateTimeOffset? ValidUntil);

/// <param name="Limits">In force: the larger ones of the user's own and the plan's.</param>
/// <param name="ValidUntil">Null: for ever.</param>
/// <param name="Plan">Code of the plan that runs; null: none does.</param>
public sealed record QuotaView(
    Guid UserId, QuotaLimits Limits, QuotaUsage Usage, DateTimeOffset? ValidUntil, string? Plan, OwnQuota? Own)
{
    public static QuotaView Of(Quota q) => new(
        q.UserId, q.Limits, new(q.CurrentDevices, q.UsedCpuCores, q.UsedMemoryGB), q.ValidUntil, q.Plan,
        new(q.OwnLimits, q.OwnValidUntil));
}
