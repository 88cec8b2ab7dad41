using System.Diagnostics;
using System.Net;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>
/// A platform with users who create 50 phones, to break something in the middle of it and look at what is left.
/// </summary>
sealed class FaultScene(RunningPlatform platform, PlatformUser admin, IReadOnlyList<PlatformUser> users,
    ITestOutputHelper output) : IAsyncDisposable
{
    const int Users = 5;
    public const int PhonesEach = 10;
    const int AtOnce = 12;
    /// <summary>The fault comes when so many have been promised.</summary>
    const int Before = 10;
    readonly Stopwatch _sinceFault = new();
    bool _held;

    public static async Task<FaultScene> OnAsync(RunningPlatform platform, ITestOutputHelper output)
    {
        var users = new List<PlatformUser>();
        for (var i = 0; i < Users; i++)
            users.Add(await platform.NewUserAsync());
        await UntilPhonesAreMadeAsync(platform);
        return new(platform, await platform.AdminAsync(), users, output);
    }

    /// <summary>A breaker that an earlier fault has opened stays so for a while.</summary>
    public static async Task UntilPhonesAreMadeAsync(RunningPlatform platform)
    {
        await using var user = await platform.NewUserAsync();
        await Testing.Wait.UntilAsync("creations to succeed", async () =>
        {
            using var answer = await user.CreateAsync("first");
            return answer.StatusCode == HttpStatusCode.Created;
        }, seconds: 60, every: 0.5);
        await DeleteAllAsync(user);
    }

    /// <summary>50 creations, <paramref name="fault"/> in the middle of them, and the answers.</summary>
    public async Task<IReadOnlyList<Creation>> CreateDuringAsync(Func<Task> fault)
    {
        var load = CreationLoad.Start(users, PhonesEach, AtOnce);
        await Testing.Wait.UntilAsync($"{Before} phones", () => load.Promised >= Before
            || (load.Answered == Users * PhonesEach ? throw new InvalidOperationException(
                $"Without any fault: {load.Summary}") : false), 60);
        _sinceFault.Start();
        await fault();
        Say($"back after {_sinceFault.Elapsed.TotalSeconds:0.0} s");
        var creations = await load.CompleteAsync();
        Say($"all answered after {_sinceFault.Elapsed.TotalSeconds:0.0} s: {load.Summary}");
        var times = creations.Where(c => c.DeviceId is not null).Select(c => c.Took.TotalMilliseconds).Order().ToList();
        var median = times.ElementAtOrDefault(times.Count / 2);
        Say($"create, with the fault: p50 {median:0} ms, longest {times.LastOrDefault():0} ms");
        return creations;
    }

    /// <summary>
    /// Each request is one phone with all that belongs to it, or nothing; what was promised is there.
    /// </summary>
    public async Task NothingIsLostAsync(IReadOnlyList<Creation> creations)
    {
        var running = await PlatformAtRest.UntilAsync(platform, admin, users);
        Say($"at rest after {_sinceFault.Elapsed.TotalSeconds:0.0} s with {running.Count} phones");
        Assert.DoesNotContain(creations, c => c.DeviceId is { } id && running.All(d => d.Id != id));
        Assert.DoesNotContain(creations,
            c => c.IsRefused && running.Any(d => (d.UserId, d.Name) == (c.User.Id, c.Name)));
        Assert.All(running.GroupBy(d => (d.UserId, d.Name)), g => Assert.Single(g));
        Assert.All(running, d => Assert.Contains(creations, c => c.User.Id == d.UserId && c.Name == d.Name));
        Assert.True(running.Count >= Before, $"only {running.Count} phones run");
        _held = true;
    }

    void Say(string text) => output.WriteLine(text);

    /// <summary>The phones go with the scene, so that the next one finds an empty machine.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(users.Select(DeleteAllAsync));
        }
        catch (HttpRequestException e) when (!_held)
        {
            // the test's own failure, which led to it, must not hide behind it
            Say($"the phones are left: {e.Message}");
        }
        foreach (var user in users.Append(admin))
            await user.DisposeAsync();
    }

    static async Task DeleteAllAsync(PlatformUser user)
    {
        foreach (var device in (await user.ListAsync("/api/devices")).As<DeviceRow>())
            (await user.Http.DeleteAsync($"/api/devices/{device.Id}")).EnsureSuccessStatusCode();
    }
}
