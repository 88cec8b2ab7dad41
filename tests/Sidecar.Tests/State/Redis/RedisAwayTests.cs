using System.Diagnostics;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Sidecar.Tests.State.Redis;

/// <summary>A server that is not there, does not let us in, or goes and comes back.</summary>
public class RedisAwayTests
{
    [Fact]
    public async Task Calls_fail_at_once_while_it_is_away_and_work_again_when_it_is_back()
    {
        await using var redis = await StartAsync();
        await using var sidecar = await StateSidecar.StartAsync("state.redis", metadata: Metadata(redis));
        await sidecar.SaveAsync("k", "1");
        await redis.StopAsync();
        await Wait.UntilAsync("the loss", async () => (await sidecar.ValueAsync("k")).Status == 500);
        var watch = Stopwatch.StartNew();
        var read = await sidecar.ValueAsync("k");
        var save = await sidecar.SaveAsync("k", "2");
        Assert.Equal((500, "ERR_STATE_GET"), (read.Status, read.ErrorCode));
        Assert.Equal((500, "ERR_STATE_SAVE"), (save.Status, save.ErrorCode));
        Assert.Contains($"Redis at {redis.Address} can't be reached", read.Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 2);
        Assert.Equal(204, (await sidecar.GetAsync("/v1.0/healthz")).Status);
        await redis.StartAgainAsync();
        await Wait.UntilAsync("its return", async () => (await sidecar.SaveAsync("k", "2")).Status == 204, 15);
        Assert.Equal("2", (await sidecar.ValueAsync("k")).Body);
    }

    [Fact]
    public async Task One_that_stands_still_is_waited_for_as_long_as_the_metadata_says()
    {
        await using var redis = await StartAsync();
        await using var sidecar = await StateSidecar.StartAsync("state.redis",
            metadata: [.. Metadata(redis), ("readTimeout", "1s")]);
        await sidecar.SaveAsync("k", "1");
        await redis.FreezeAsync();
        var watch = Stopwatch.StartNew();
        var read = await sidecar.ValueAsync("k");
        Assert.Equal((500, "ERR_STATE_GET"), (read.Status, read.ErrorCode));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.5, 8);
        await redis.ThawAsync();
        await Wait.UntilAsync("its return", async () => (await sidecar.ValueAsync("k")).Body == "1");
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_works_again_when_it_is_put_right()
    {
        await using var redis = await StartAsync("right");
        var e = await Assert.ThrowsAsync<ConfigurationException>(() => StateSidecar.StartAsync("state.redis",
            metadata: [("redisHost", redis.Address), ("redisPassword", "wrong")]));
        Assert.Contains("component 'statestore' (state.redis)", e.Message, StringComparison.Ordinal);
        Assert.Contains("refuses the connection", e.Message, StringComparison.Ordinal);
        Assert.Contains("set redisPassword", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong\"", e.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<ConfigurationException>(() => StateSidecar.StartAsync("state.redis",
            metadata: [("redisHost", redis.Address)]));
        Assert.Contains("set redisPassword", missing.Message, StringComparison.Ordinal);

        await using var sidecar = await StateSidecar.StartAsync("state.redis", metadata: Metadata(redis));
        Assert.Equal(204, (await sidecar.SaveAsync("k", "1")).Status);
        await redis.StopAsync();
        await redis.StartAgainAsync("another");
        await Wait.UntilAsync("the refusal",
            async () => (await sidecar.ValueAsync("k")).Message?.Contains("redisPassword") == true);
        await redis.StopAsync();
        await redis.StartAgainAsync("right");
        await Wait.UntilAsync("its return", async () => (await sidecar.SaveAsync("k", "2")).Status == 204, 30);
    }

    [Fact]
    public async Task One_that_is_not_there_at_the_start_is_waited_for_and_then_named()
    {
        await using var redis = await StartAsync();
        await redis.StopAsync();
        var start = StateSidecar.StartAsync("state.redis", metadata: Metadata(redis));
        var e = await Assert.ThrowsAsync<ConfigurationException>(() => start);
        Assert.Contains($"Redis at {redis.Address} can't be reached: start it, or set redisHost", e.Message,
            StringComparison.Ordinal);
        var second = StateSidecar.StartAsync("state.redis", metadata: Metadata(redis));
        await redis.StartAgainAsync();
        await using var sidecar = await second;
        Assert.Equal(204, (await sidecar.SaveAsync("k", "1")).Status);
    }

    static async Task<RedisServer> StartAsync(string password = "")
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        return await RedisServer.StartAsync(password);
    }

    static (string, string)[] Metadata(RedisServer redis) => redis.Password is { Length: > 0 } password
        ? [("redisHost", redis.Address), ("redisPassword", password)]
        : [("redisHost", redis.Address)];
}
