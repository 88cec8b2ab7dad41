using System.Runtime.InteropServices;

namespace CloudPhone.Benchmarks.Measuring;

/// <summary>What a figure depends on beside the code.</summary>
static class Machine
{
    public static async Task AnnounceAsync(string benchmark)
    {
        var load = (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];
        Console.WriteLine($"""

            {benchmark}: {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}, load {load}
            """);
#if DEBUG
        Console.WriteLine("This is a debug build: run it with -c Release.");
#endif
    }
}
