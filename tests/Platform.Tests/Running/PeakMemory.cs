using System.Globalization;

namespace CloudPhone.Platform.Tests.Running;

/// <summary>The most memory that a process had resident since it was last reset, as the kernel keeps it.</summary>
static class PeakMemory
{
    /// <returns>Bytes that it has now, from which the peak is counted on.</returns>
    public static long Reset(int pid)
    {
        try
        {
            File.WriteAllText($"/proc/{pid}/clear_refs", "5");
            return Of(pid) ?? 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the peak of all its life would hide what comes now below it
            Assert.SkipWhen(Directory.Exists($"/proc/{pid}"), $"Peaks can't be reset here: {e.Message}");
            return 0;
        }
    }

    /// <returns>Bytes; null for one that has ended.</returns>
    public static long? Of(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").FirstOrDefault(
                l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
                ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
                    << 10
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
