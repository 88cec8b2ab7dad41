namespace CloudPhone.Devices.Quotas;

// What the user service says about quotas.

/// <param name="Outcome"><c>reserved</c> or <c>refused</c>.</param>
sealed record QuotaAnswer(string Outcome, string? Reason, QuotaLimits Limits, QuotaUsage Usage)
{
    public bool IsReserved => Outcome == "reserved";
}

sealed record QuotaLimits(int MaxDevices, int TotalCpuCores, int TotalMemoryGB);

sealed record QuotaUsage(int CurrentDevices, int UsedCpuCores, int UsedMemoryGB);
