using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CloudPhone.Platform.Tests.Running;

/// <summary>Looks at this machine's processes as an operator would, and kills them as a crash would.</summary>
static partial class Processes
{
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);

    public const int Terminate = 15;
    public const int Kill = 9;

    public static void Send(int pid, int signal) => _ = Signal(pid, signal);

    /// <summary>
    /// Processes whose environment has that entry; those of others, which can't be read, are none of ours.
    /// </summary>
    public static IReadOnlyList<int> WithEnvironment(string entry) =>
        [.. All().Where(pid => Read($"/proc/{pid}/environ").Split('\0').Contains(entry))];

    public static IReadOnlyList<int> WithArgument(string part) =>
        [.. All().Where(pid => CommandLine(pid).Contains(part, StringComparison.Ordinal))];

    public static string CommandLine(int pid) => Read($"/proc/{pid}/cmdline").Replace('\0', ' ');

    /// <summary>Resident memory in bytes; 0 for one that has ended.</summary>
    public static long Memory(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.WorkingSet64;
        }
        catch (ArgumentException)
        {
            return 0;
        }
    }

    /// <summary>Of all its threads since its start; zero for one that has ended.</summary>
    public static TimeSpan ProcessorTime(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.TotalProcessorTime;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return TimeSpan.Zero;
        }
    }

    static IEnumerable<int> All() =>
        Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Select(n => int.TryParse(n, out var pid) ? pid : 0).Where(pid => pid > 0);

    static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
