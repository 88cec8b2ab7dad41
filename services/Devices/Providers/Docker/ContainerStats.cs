using Docker.DotNet.Models;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>Asks an engine what a container uses. It looks twice, a second apart, to know of the CPU.</summary>
static class ContainerStats
{
    public static async Task<PhoneStats?> OfAsync(DockerEngine engine, string container, CancellationToken ct)
    {
        var heard = new Last();
        await engine.DoAsync((c, t) => c.Containers.GetContainerStatsAsync(
            container, new ContainerStatsParameters { Stream = false }, heard, t), ct);
        return heard.Value is { MemoryStats.Usage: > 0 } stats ? Of(stats) : null;
    }

    public static PhoneStats Of(ContainerStatsResponse stats) => new(
        CpuOf(stats), (long)(stats.MemoryStats.Usage - CacheOf(stats.MemoryStats)), (long)stats.MemoryStats.Limit,
        DiskReadBytes: DiskOf(stats, "read"), DiskWrittenBytes: DiskOf(stats, "write"),
        NetworkReceivedBytes: stats.Networks?.Values.Sum(n => (long)n.RxBytes),
        NetworkSentBytes: stats.Networks?.Values.Sum(n => (long)n.TxBytes));

    static double CpuOf(ContainerStatsResponse stats)
    {
        var (now, before) = (stats.CPUStats, stats.PreCPUStats);
        var own = (double)now.CPUUsage.TotalUsage - before.CPUUsage.TotalUsage;
        var all = (double)now.SystemUsage - before.SystemUsage;
        return own > 0 && all > 0 ? Math.Round(own / all * now.OnlineCPUs * 100, 1) : 0;
    }

    /// <summary>What is only kept because there is room for it is not used; as docker stats counts.</summary>
    static ulong CacheOf(MemoryStats memory) =>
        memory.Stats is { } s && (s.TryGetValue("inactive_file", out var cache)
            || s.TryGetValue("total_inactive_file", out cache)) && cache < memory.Usage ? cache : 0;

    static long? DiskOf(ContainerStatsResponse stats, string operation) =>
        stats.BlkioStats?.IoServiceBytesRecursive?
            .Where(e => string.Equals(e.Op, operation, StringComparison.OrdinalIgnoreCase)).Sum(e => (long)e.Value);

    sealed class Last : IProgress<ContainerStatsResponse>
    {
        public ContainerStatsResponse? Value { get; private set; }

        public void Report(ContainerStatsResponse value) => Value = value;
    }
}
