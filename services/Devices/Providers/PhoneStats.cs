namespace CloudPhone.Devices.Providers;

/// <summary>What a phone uses; what its provider can't know is null.</summary>
/// <param name="CpuPercent">100 is one core.</param>
/// <param name="MemoryLimitBytes">Null: nothing holds it back.</param>
/// <param name="DiskUsedBytes">Of its data.</param>
/// <param name="DiskReadBytes">Since it was switched on, as the ones that follow.</param>
sealed record PhoneStats(
    double CpuPercent, long MemoryBytes, long? MemoryLimitBytes = null, long? DiskUsedBytes = null,
    long? DiskReadBytes = null, long? DiskWrittenBytes = null, long? NetworkReceivedBytes = null,
    long? NetworkSentBytes = null);
