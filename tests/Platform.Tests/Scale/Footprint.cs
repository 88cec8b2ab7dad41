using System.Globalization;
using System.Net.NetworkInformation;

namespace CloudPhone.Platform.Tests.Scale;

/// <summary>What a process holds, as the kernel counts it.</summary>
/// <param name="Files">Open files, sockets among them.</param>
sealed record Footprint(int Files, int Threads)
{
    public static Footprint Of(IEnumerable<int> pids)
    {
        var all = pids.ToList();
        return new(all.Sum(pid => Count($"/proc/{pid}/fd")), all.Sum(pid => Count($"/proc/{pid}/task")));
    }

    /// <summary>
    /// The memory of these processes in bytes; what they share with others counts in part (PSS), so that sums mean
    /// something.
    /// </summary>
    public static long Memory(IEnumerable<int> pids) => pids.Sum(Memory);

    static long Memory(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/smaps_rollup")
                .First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return 0; // it has ended
        }
    }

    static int Count(string folder)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder).Count();
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Those of these ports at which somebody listens.</summary>
    public static IReadOnlyList<int> Listening(IReadOnlySet<int> ports) =>
        [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(e => e.Port)
            .Where(ports.Contains)];
}
