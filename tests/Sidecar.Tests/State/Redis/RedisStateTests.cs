using CloudPhone.Sidecar.Hosting;
using StackExchange.Redis;

namespace CloudPhone.Sidecar.Tests.State.Redis;

/// <summary>What redis-cli shows, and what the metadata means.</summary>
public class RedisStateTests
{
    [Fact]
    public async Task A_key_is_a_hash_as_the_runtime_writes_it()
    {
        var place = SharedRedis.NewDatabase();
        await using var sidecar = await StateSidecar.StartAsync("state.redis", metadata: place);
        await sidecar.SaveAsync("quota", """{"a": 1}""");
        await sidecar.SaveAsync("quota", """{"a": 2}""");
        await sidecar.SaveAsync("first", "\"手机\"", concurrency: "first-write");
        var redis = SharedRedis.Of(place);
        Assert.Equal(["user-service||first", "user-service||quota"], SharedRedis.Keys(redis));
        Assert.Equal([("data", """{"a":2}"""), ("version", "2")], Hash(redis, "user-service||quota"));
        Assert.Equal([("data", "\"手机\""), ("first-write", "0"), ("version", "1")],
            Hash(redis, "user-service||first"));
    }

    [Theory]
    [InlineData("appid", "user-service||k"), InlineData("none", "k"), InlineData("name", "statestore||k")]
    [InlineData("shared", "shared||k"), InlineData("namespace", "user-service||k")]
    public async Task The_prefix_is_the_components(string prefix, string key)
    {
        var place = SharedRedis.NewDatabase();
        await using var sidecar = await StateSidecar.StartAsync(
            "state.redis", metadata: [.. place, ("keyPrefix", prefix)]);
        await sidecar.SaveAsync("k", "1");
        Assert.Equal([key], SharedRedis.Keys(SharedRedis.Of(place)));
    }

    [Fact]
    public async Task What_another_program_left_there_is_read_and_replaced()
    {
        var place = SharedRedis.NewDatabase();
        var redis = SharedRedis.Of(place);
        await redis.StringSetAsync("user-service||k", "\"plain\"");
        await redis.HashSetAsync("user-service||h", "data", "\"no version\"");
        await using var sidecar = await StateSidecar.StartAsync("state.redis", metadata: place);
        var plain = await sidecar.ValueAsync("k");
        Assert.Equal((200, "\"plain\"", false), (plain.Status, plain.Body, plain.Headers.ContainsKey("etag")));
        Assert.Equal("""[{"key":"k","data":"plain"}]""",
            (await sidecar.CallAsync("POST", $"{StateSidecar.Store}/bulk", """{"keys":["k"]}""")).Body);
        Assert.Equal(204, (await sidecar.SaveAsync("k", "1", "9")).Status);
        Assert.Equal([("data", "1"), ("version", "1")], Hash(redis, "user-service||k"));
        Assert.Equal("\"no version\"", (await sidecar.ValueAsync("h")).Body);
        Assert.Equal(204, (await sidecar.SaveAsync("h", "2", "9")).Status);
        Assert.Equal([("data", "2"), ("version", "1")], Hash(redis, "user-service||h"));
    }

    [Fact]
    public async Task One_key_may_come_several_times_in_a_transaction()
    {
        var place = SharedRedis.NewDatabase();
        await using var sidecar = await StateSidecar.StartAsync("state.redis", metadata: place);
        await sidecar.SaveAsync("k", "1", concurrency: "first-write");
        var answer = await sidecar.CallAsync("POST", $"{StateSidecar.Store}/transaction", """
            {"operations":[{"operation":"upsert","request":{"key":"k","value":2,"etag":"1"}},
             {"operation":"upsert","request":{"key":"k","value":3,"etag":"2"}},
             {"operation":"delete","request":{"key":"k","etag":"3"}},
             {"operation":"upsert","request":{"key":"k","value":4}}]}
            """);
        Assert.Equal(204, answer.Status);
        Assert.Equal([("data", "4"), ("version", "1")], Hash(SharedRedis.Of(place), "user-service||k"));
    }

    [Fact]
    public async Task Scripts_that_the_server_forgot_are_sent_again()
    {
        var place = SharedRedis.NewDatabase();
        await using var sidecar = await StateSidecar.StartAsync("state.redis", metadata: place);
        await sidecar.SaveAsync("k", "1");
        await SharedRedis.Of(place).ExecuteAsync("SCRIPT", "FLUSH");
        Assert.Equal(204, (await sidecar.SaveAsync("k", "2")).Status);
    }

    [Fact]
    public async Task Host_and_port_may_be_apart()
    {
        var place = SharedRedis.NewDatabase();
        var (host, port) = (place[0].Value.Split(':')[0], place[0].Value.Split(':')[1]);
        await using var sidecar = await StateSidecar.StartAsync("state.redis",
            metadata: [("redisHost", host), ("redisPort", port), ("redisPassword", ""), place[1],
                ("readTimeout", "2000")]);
        Assert.Equal(204, (await sidecar.SaveAsync("k", "1")).Status);
    }

    [Theory]
    [InlineData("redisHost", "", "is required")]
    [InlineData("redisHost", "localhost:", "host:port")]
    [InlineData("redisHost", ":6379", "host:port")]
    [InlineData("redisPort", "2", "redisHost has port 1")]
    [InlineData("redisPort", "70000", "must be a port")]
    [InlineData("redisHost", "a:6379,b:6379", "one server")]
    [InlineData("redisDB", "-1", "0 or more")]
    [InlineData("redisType", "cluster", "node")]
    [InlineData("readTimeout", "0s", "more than zero")]
    [InlineData("keyPrefix", "a||b", "can't contain '||'")]
    [InlineData("sentinelMasterName", "x", "is not a field")]
    public async Task Wrong_metadata_ends_the_start_with_one_sentence(string field, string value, string part)
    {
        (string, string)[] metadata =
            field == "redisHost" ? [(field, value)] : [("redisHost", "127.0.0.1:1"), (field, value)];
        var e = await Assert.ThrowsAsync<ConfigurationException>(
            () => StateSidecar.StartAsync("state.redis", metadata: metadata));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.Contains("r00.yaml", e.Message, StringComparison.Ordinal);
        Assert.Contains($"'{field}'", e.Message, StringComparison.Ordinal);
    }

    static (string, string)[] Hash(IDatabase redis, string key) =>
        [.. redis.HashGetAll(key).Select(f => ((string)f.Name!, (string)f.Value!)).Order()];
}
