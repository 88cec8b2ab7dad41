using System.Diagnostics;
using System.Net;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>Phones are asked for while nobody can say whether the quota has room for them.</summary>
[Collection(nameof(OwnPlatform))]
[Trait("kind", "faults")]
public sealed class UserServiceAwayTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Without_quota_checks_no_phone_is_created_and_nothing_is_left_behind()
    {
        await using var platform = await RunningPlatform.StartAsync(("QUOTA_ALLOW_ON_ERROR", "false"));
        await using var user = await platform.NewUserAsync();
        await using var admin = await platform.AdminAsync();
        await using (await Outage.OfAsync(platform, AppIds.Users))
        {
            using var answer = await user.CreateAsync("unlucky");
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{(int)answer.StatusCode} {text}");
            var problem = JsonDocument.Parse(text).RootElement;
            Assert.Equal("unavailable", problem.GetProperty("type").GetString());
            Assert.Contains("quota", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Empty(await user.ListAsync("/api/devices"));
            Assert.Empty(platform.Phones());
        }
        Assert.Empty(await UntilBackAndAtRestAsync(platform, admin, user));
        Assert.Empty(await admin.ListAsync("/api/scheduler/placements"));
        Assert.Empty(await admin.ListAsync("/api/billing/usage"));
        Assert.DoesNotContain(
            await user.ListAsync("/api/notifications"), n =>
                n.GetProperty("type").GetString()!.StartsWith("device.", StringComparison.Ordinal));
        await user.CreateRunningAsync("lucky");
    }

    [Fact]
    public async Task Where_that_is_allowed_the_phone_is_created_and_counted_when_the_user_service_is_back()
    {
        await using var platform = await RunningPlatform.StartAsync(("QUOTA_ALLOW_ON_ERROR", "true"));
        await using var user = await platform.NewUserAsync();
        await using var admin = await platform.AdminAsync();
        Guid id;
        await using (await Outage.OfAsync(platform, AppIds.Users))
            id = await user.CreateRunningAsync("on trust");
        var running = Assert.Single(await UntilBackAndAtRestAsync(platform, admin, user));
        Assert.Equal(id, running.Id);
        Assert.Equal(new QuotaRow(1, 1, 1), (await user.QuotaUsageAsync()).As<QuotaRow>());
    }

    async Task<IReadOnlyList<DeviceRow>> UntilBackAndAtRestAsync(
        RunningPlatform platform, PlatformUser admin, PlatformUser user)
    {
        var watch = Stopwatch.StartNew();
        await platform.UntilHealthyAsync(AppIds.Users);
        output.WriteLine($"back after {watch.Elapsed.TotalSeconds:0.0} s");
        var running = await PlatformAtRest.UntilAsync(platform, admin, [user], 120);
        output.WriteLine($"at rest after {watch.Elapsed.TotalSeconds:0.0} s");
        return running;
    }
}
