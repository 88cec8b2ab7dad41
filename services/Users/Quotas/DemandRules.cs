namespace CloudPhone.Users.Quotas;

/// <summary>What one phone may ask for at all, whatever the quota.</summary>
static class DemandRules
{
    const int MaxCpuCores = 256;
    const int MaxMemoryGB = 1024;

    public static FieldErrors Check(Demand demand, string prefix = "") => new FieldErrors()
        .Check(demand.UserId != Guid.Empty, $"{prefix}userId", "userId is the id of a user.")
        .Check(demand.DeviceId != Guid.Empty, $"{prefix}deviceId", "deviceId is the id of a device.")
        .Check(demand.CpuCores is >= 1 and <= MaxCpuCores, $"{prefix}cpuCores", $"cpuCores is 1 to {MaxCpuCores}.")
        .Check(demand.MemoryGB is >= 1 and <= MaxMemoryGB, $"{prefix}memoryGB", $"memoryGB is 1 to {MaxMemoryGB}.");
}
