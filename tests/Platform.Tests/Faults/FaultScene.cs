using System.Diagnostics;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>A platform with users who create 50 phones, to break something in the middle of it and look at what is left.</summary>
sealed class FaultScene(RunningPlatform platform, PlatformUser admin, IReadOnlyList<PlatformUser> users, ITestOutputHelper output) : IAsyncDisposable
{
    const int Users = 5;
    const int PhonesEach = 10;
    const int AtOnce = 12;
    /// <summary>The fault comes when so many have been promised.</summary>
    const int Before = 10;
    readonly Stopwatch _sinceFault = new();

    public RunningPlatform Platform => platform;

    public static async Task<FaultScene> StartAsync(ITestOutputHelper output)
    {
        var platform = await RunningPlatform.StartAsync(("DEFAULT_MAX_DEVICES", $"{PhonesEach}"));
        output.WriteLine($"healthy after {platform.StartedAfter.TotalSeconds:0.0} s");
        try
        {
            var users = new List<PlatformUser>();
            for (var i = 0; i < Users; i++)
                users.Add(await platform.NewUserAsync());
            return new(platform, await platform.AdminAsync(), users, output);
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    /// <summary>50 creations, <paramref name="fault"/> in the middle of them, and the answers.</summary>
    public async Task<IReadOnlyList<Creation>> CreateDuringAsync(Func<Task> fault)
    {
        var load = CreationLoad.Start(users, PhonesEach, AtOnce);
        await Testing.Wait.UntilAsync($"{Before} phones", () => load.Promised >= Before, 60);
        _sinceFault.Start();
        await fault();
        Say($"back after {_sinceFault.Elapsed.TotalSeconds:0.0} s");
        var creations = await load.CompleteAsync();
        Say($"all answered after {_sinceFault.Elapsed.TotalSeconds:0.0} s: "
            + string.Join(", ", creations.GroupBy(c => c.Status).Select(g => $"{g.Count()} x {(g.Key is { } s ? $"{(int)s}" : "no answer")}")));
        var times = creations.Where(c => c.DeviceId is not null).Select(c => c.Took.TotalMilliseconds).Order().ToList();
        Say($"create, with the fault: p50 {times.ElementAtOrDefault(times.Count / 2):0} ms, longest {times.LastOrDefault():0} ms");
        return creations;
    }

    /// <summary>Each request is one phone with all that belongs to it, or nothing; what was promised is there.</summary>
    public async Task NothingIsLostAsync(IReadOnlyList<Creation> creations)
    {
        var running = await PlatformAtRest.UntilAsync(platform, admin, users);
        Say($"at rest after {_sinceFault.Elapsed.TotalSeconds:0.0} s with {running.Count} phones");
        Assert.DoesNotContain(creations, c => c.DeviceId is { } id && running.All(d => d.Id != id));
        Assert.All(running.GroupBy(d => (d.UserId, d.Name)), g => Assert.Single(g));
        Assert.All(running, d => Assert.Contains(creations, c => c.User.Id == d.UserId && c.Name == d.Name));
        Assert.True(running.Count >= Before, $"only {running.Count} phones run");
    }

    void Say(string text) => output.WriteLine(text);

    public async ValueTask DisposeAsync()
    {
        foreach (var user in users.Append(admin))
            await user.DisposeAsync();
        await platform.DisposeAsync();
    }
}
