namespace CloudPhone.Devices.Quotas;

// What the user service says about quotas.

/// <param name="Outcome"><c>reserved</c> or <c>refused</c>.</param>
/// <param name="ValidUntil">Of a quota that is over; null: it is not.</param>
sealed record QuotaAnswer(
    string Outcome, string? Reason, QuotaLimits Limits, QuotaUsage Usage, QuotaRoom? Remaining = null,
    DateTimeOffset? ValidUntil = null)
{
    public bool IsReserved => Outcome == "reserved";
}

sealed record QuotaLimits(int MaxDevices, int TotalCpuCores, int TotalMemoryGB);

sealed record QuotaUsage(int CurrentDevices, int UsedCpuCores, int UsedMemoryGB);

/// <summary>What may still be taken.</summary>
sealed record QuotaRoom(int Devices, int CpuCores, int MemoryGB);
