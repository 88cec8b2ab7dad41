using System.Diagnostics;
using System.Globalization;
using System.Net;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>
/// Prints what the embedded platform costs. Nothing is asserted of times and sizes, which are the machine's; what is
/// asserted is that the work was done.
/// </summary>
[Collection(nameof(SharedPlatform)), Trait("Needs", "Embedded")]
public sealed class SpeedAndSizeTests(PlatformFixture fixture, ITestOutputHelper output)
{
    const int Creates = 20;

    [Fact]
    public async Task Start_memory_idle_and_the_time_of_a_create()
    {
        var platform = fixture.Platform;
        Print("from command to all healthy", $"{platform.StartedAfter.TotalSeconds:0.0} s");
        var phones = platform.Phones().ToHashSet();
        var processes = platform.AllProcesses().Where(pid => !phones.Contains(pid)).ToList();
        Print($"memory of the {processes.Count} processes at the start", $"{fixture.MemoryAtStart / 1e6:0} MB");
        Print("their memory after what other tests did", $"{processes.Sum(Processes.Memory) / 1e6:0} MB");

        var idle = TimeSpan.FromSeconds(10);
        var before = Processor(processes);
        await Task.Delay(idle);
        Print("idle CPU", $"{(Processor(processes) - before) / idle * 100:0.0} % of a core");

        var times = new List<double>();
        for (var i = 0; i < Creates / 5; i++)
        {
            await using var user = await platform.NewUserAsync();
            var ids = new List<Guid>();
            for (var n = 0; n < 5; n++)
            {
                var watch = Stopwatch.StartNew();
                var answer = await user.CreateAsync($"p{n}");
                times.Add(watch.Elapsed.TotalMilliseconds);
                Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            }
            ids.AddRange((await user.ListAsync("/api/devices")).Select(d => d.GetProperty("id").GetGuid()));
            Assert.Equal(5, ids.Count);
            foreach (var id in ids)
            {
                await user.UntilStatusAsync(id, "running");
                (await user.Http.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
            }
        }
        times.Sort();
        Print($"POST /api/devices, {times.Count} times",
            $"median {times[times.Count / 2]:0} ms, slowest {times[^1]:0} ms");
    }

    static TimeSpan Processor(IEnumerable<int> processes) =>
        processes.Aggregate(TimeSpan.Zero, (sum, pid) => sum + Processes.ProcessorTime(pid));

    void Print(string what, FormattableString figure)
    {
        var line = $"{what}: {figure.ToString(CultureInfo.InvariantCulture)}";
        output.WriteLine(line);
        Console.WriteLine($"MEASURED {line}");
    }
}
