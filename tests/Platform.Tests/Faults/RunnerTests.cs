using System.Diagnostics;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>However the runner ends, what it has started ends with it.</summary>
[Collection(nameof(OwnPlatform))]
[Trait("kind", "faults"), Trait("Needs", "Embedded")]
public sealed class RunnerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_killed_runner_leaves_no_service_and_no_phone()
    {
        await using var platform = await RunningPlatform.StartAsync();
        await using var user = await platform.NewUserAsync();
        await user.CreateRunningAsync("orphan to be");
        Assert.NotEmpty(platform.Phones());
        var watch = Stopwatch.StartNew();
        platform.KillRunner();
        await Wait.UntilAsync("services and phones to be gone", () => platform.Left().Count == 0, 30);
        output.WriteLine($"all gone after {watch.Elapsed.TotalSeconds:0.0} s");
    }

    [Fact]
    public async Task Ctrl_C_leaves_no_service_and_no_phone()
    {
        await using var platform = await RunningPlatform.StartAsync();
        await using var user = await platform.NewUserAsync();
        await user.CreateRunningAsync("to be switched off");
        await platform.StopAsync();
        await Wait.UntilAsync("the phones to be gone", () => platform.Left().Count == 0);
    }
}
