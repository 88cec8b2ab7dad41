using System.Globalization;

namespace CloudPhone.Devices.Providers.Docker.Preflight;

/// <summary>What phones need of a machine, as its /proc and /dev show it. Null: it can't be seen.</summary>
/// <param name="Kernel">Like 6.1; the first two numbers of its release.</param>
/// <param name="HasBinder">Phones can have binder devices: a file system makes them, or the machine has some.</param>
/// <param name="HasAshmem">Gone from kernels since 5.18.</param>
/// <param name="PageBytes">Of the kernel's memory pages.</param>
/// <param name="HasMemoryHeaps">DMA-BUF heaps, or ION before them: video encoders take their buffers from
/// there.</param>
sealed record HostFacts(
    Version? Kernel, bool? HasBinder, bool? HasAshmem, int? InotifyInstances, int? InotifyWatches, int? PageBytes,
    bool? HasMemoryHeaps, bool? HasIPv6)
{
    /// <summary>Of a machine of which only the engine tells.</summary>
    public static HostFacts OfEngine(string? kernelRelease) =>
        new(VersionOf(kernelRelease), null, null, null, null, null, null, null);

    /// <param name="proc">/proc, or a folder like it.</param>
    /// <param name="dev">/dev, or a folder like it.</param>
    public static HostFacts Read(string proc, string dev) => new(
        VersionOf(Text(proc, "sys/kernel/osrelease")),
        Text(proc, "filesystems") is { } known ? known.Split('\n').Any(l => l.Split('\t')[^1].Trim() == "binder")
            || Directory.Exists(Path.Combine(dev, "binderfs")) || Has(dev, "binder") || Has(dev, "binder1") : null,
        Has(dev, "ashmem"), Number(Text(proc, "sys/fs/inotify/max_user_instances")),
        Number(Text(proc, "sys/fs/inotify/max_user_watches")), Environment.SystemPageSize,
        Has(dev, "ion") || (Directory.Exists(Path.Combine(dev, "dma_heap"))
            && Directory.EnumerateFileSystemEntries(Path.Combine(dev, "dma_heap")).Any()),
        Directory.Exists(Path.Combine(proc, "sys/net")) // else it is not this machine's
            ? Number(Text(proc, "sys/net/ipv6/conf/all/disable_ipv6")) == 0 : null);

    /// <summary>Of a machine that is seen from within a container, whose devices and network are its own: what is
    /// missing there may be on the machine.</summary>
    public HostFacts SeenFromWithin() => new(
        Kernel, OrUnseen(HasBinder), OrUnseen(HasAshmem), InotifyInstances, InotifyWatches, PageBytes,
        OrUnseen(HasMemoryHeaps), OrUnseen(HasIPv6));

    static bool? OrUnseen(bool? there) => there is true ? there : null;

    /// <summary>Its first process is in a container's group, as older kernels name it.</summary>
    public static bool IsContainerGroup(string proc) => Text(proc, "1/cgroup") is { } groups
        && (groups.Contains("docker", StringComparison.Ordinal) || groups.Contains("kubepods", StringComparison.Ordinal)
            || groups.Contains("containerd", StringComparison.Ordinal));

    static bool Has(string dev, string name) => Path.Exists(Path.Combine(dev, name));

    static string? Text(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static int? Number(string? text) =>
        long.TryParse(text?.Trim(), CultureInfo.InvariantCulture, out var n) ? (int)Math.Min(n, int.MaxValue) : null;

    internal static Version? VersionOf(string? release) =>
        release?.Trim().Split('.', '-', '+', '_') is [var major, var minor, ..]
        && int.TryParse(major, CultureInfo.InvariantCulture, out var first)
        && int.TryParse(minor, CultureInfo.InvariantCulture, out var second) ? new(first, second) : null;
}
