using CloudPhone.Sidecar.State.InMemory;
using CloudPhone.Sidecar.Tests.State.Redis;
using CloudPhone.Sidecar.Tests.Testing;
using Microsoft.Extensions.Time.Testing;
using static CloudPhone.Sidecar.Tests.State.StateSidecar;

namespace CloudPhone.Sidecar.Tests.State;

public class ExpiryTests
{
    const string Expiry = "metadata.ttlexpiretime";

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task A_value_is_gone_when_its_time_is_over(string kind)
    {
        var place = NewPlace(kind);
        await using var sidecar = await StateSidecar.StartAsync(kind, metadata: place);
        await sidecar.SaveAsync("a", "1", ttl: "1");
        Assert.InRange((await EndAsync(sidecar, place, "a"))!.Value, DateTimeOffset.UtcNow.AddSeconds(-2),
            DateTimeOffset.UtcNow.AddSeconds(2));
        await Wait.UntilAsync("the end of a", async () => (await sidecar.ValueAsync("a")).Status == 204);
        Assert.Equal("""[{"key":"a"}]""",
            (await sidecar.CallAsync("POST", $"{Store}/bulk", """{"keys":["a"]}""")).Body);
        await sidecar.SaveAsync("a", "2", "7", "first-write");
        Assert.Equal("1", (await sidecar.ValueAsync("a")).Headers["etag"]);
    }

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task A_write_without_ttl_keeps_the_end_and_minus_one_removes_it(string kind)
    {
        var place = NewPlace(kind);
        await using var sidecar = await StateSidecar.StartAsync(kind, metadata: place);
        await sidecar.SaveAsync("b", "1", ttl: "100");
        await sidecar.SaveAsync("b", "2");
        Assert.NotNull(await EndAsync(sidecar, place, "b"));
        await sidecar.SaveAsync("b", "2", ttl: "-1");
        Assert.Null(await EndAsync(sidecar, place, "b"));
        var wrong = await sidecar.SaveAsync("c", "1", ttl: "x");
        Assert.Equal((500, "ERR_STATE_SAVE"), (wrong.Status, wrong.ErrorCode));
        Assert.Equal(204, (await sidecar.ValueAsync("c")).Status);
    }

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task The_query_and_the_component_can_say_it_too(string kind)
    {
        var place = NewPlace(kind);
        await using var sidecar = await StateSidecar.StartAsync(kind, metadata: [.. place, ("ttlInSeconds", "1000")]);
        await sidecar.SaveAsync("default", "1");
        await sidecar.CallAsync("POST", $"{Store}?metadata.ttlInSeconds=50", """[{"key":"query","value":1}]""");
        await sidecar.SaveAsync("never", "1", ttl: "0");
        var now = DateTimeOffset.UtcNow;
        Assert.InRange((await EndAsync(sidecar, place, "default"))!.Value, now.AddSeconds(900), now.AddSeconds(1001));
        Assert.InRange((await EndAsync(sidecar, place, "query"))!.Value, now.AddSeconds(30), now.AddSeconds(51));
        Assert.Null(await EndAsync(sidecar, place, "never"));
    }

    [Fact]
    public async Task Memory_does_not_keep_what_is_over()
    {
        var time = new FakeTimeProvider();
        using var store = new InMemoryStateStore(time);
        await store.WriteAsync([new("a", "1"u8.ToArray(), TimeToLive: TimeSpan.FromSeconds(5)),
            new("b", "1"u8.ToArray())], default);
        Assert.Equal(2, store.Count);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(1, store.Count);
        Assert.Null(await store.GetAsync("a", default));
    }

    /// <summary>Our own stores tell it with the value; the Redis one does not, as in the runtime.</summary>
    static async Task<DateTimeOffset?> EndAsync(
        TestSidecar sidecar, (string Name, string Value)[] place, string key)
    {
        var read = await sidecar.ValueAsync(key);
        Assert.Equal(200, read.Status);
        if (!place.Any(m => m.Name == "redisHost"))
            return read.Headers.TryGetValue(Expiry, out var end) ? DateTimeOffset.Parse(end) : null;
        Assert.DoesNotContain(Expiry, read.Headers);
        return DateTimeOffset.UtcNow + await SharedRedis.Of(place).KeyTimeToLiveAsync($"user-service||{key}");
    }
}
