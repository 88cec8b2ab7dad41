using System.Net;
using System.Net.Sockets;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.State.Redis;
using CloudPhone.Sidecar.Tests.Testing;
using CloudPhone.Testing.Servers;
using static CloudPhone.Sidecar.Tests.Actors.ActorSidecar;

namespace CloudPhone.Sidecar.Tests.Actors;

/// <summary>Two replicas of one app, each with a sidecar process of its own, and one Redis: neighbourhoods of their own
/// make them strangers as processes are.</summary>
public class PlacementTests
{
    [Fact]
    public async Task An_actor_is_active_in_one_of_two_replicas_and_its_calls_take_turns()
    {
        var place = SharedRedis.NewDatabase();
        await using var a = await ActorSidecar.StartAsync(place: place, prepare: Slow);
        await using var b = await ActorSidecar.StartAsync(place: place, prepare: Slow);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            (i % 2 == 0 ? a : b).PutAsync("d1/method/slow", $$"""{"i":{{i}}}""", ("x-custom", "c"))));
        Assert.All(answers, r => Assert.Equal((200, """{"ok":1}""", "v"), (r.Status, r.Body, r.Headers["x-own"])));
        var calls = Calls("d1/method/slow", a, b);
        Assert.Equal(10, calls.Count);
        Assert.True(Calls("d1/method/slow", a).Count == 0 || Calls("d1/method/slow", b).Count == 0);
        Assert.All(calls.Zip(calls.Skip(1)), p =>
            Assert.InRange((p.Second.At - p.First.At).TotalMilliseconds, 95, 60_000));
        Assert.Equal("c", calls[0].Headers["x-custom"]);
        Assert.Equal("device-service", calls[0].Headers["dapr-caller-app-id"]);
        Assert.DoesNotContain("dapr-actor-call", calls[^1].Headers);

        static void Slow(RecordingApp app) => app.On(AppPath("d1/method/slow"),
            new Reply(200, """{"ok":1}""", TimeSpan.FromMilliseconds(100), ("x-own", "v")));
    }

    [Fact]
    public async Task Failures_pass_from_one_replica_to_the_other_as_they_are()
    {
        var place = SharedRedis.NewDatabase();
        void Prepare(RecordingApp app)
        {
            app.On(AppPath("d/method/fail"), new Reply(500, "broken"));
            app.On(AppPath("d/method/missing"), 404);
        }
        await using var a = await ActorSidecar.StartAsync(place: place, prepare: Prepare);
        await using var b = await ActorSidecar.StartAsync(place: place, prepare: Prepare);
        await a.PutAsync("d/method/x");
        foreach (var (method, message) in (ValueTuple<string, string>[])
            [("fail", "error from actor service: (500) broken"),
                ("missing", "actor method not found: actors/DeviceActor/d/method/missing")])
        {
            var answer = await b.PutAsync($"d/method/{method}");
            Assert.Equal((500, "ERR_ACTOR_INVOKE_METHOD", $"error invoke actor method: {message}"),
                (answer.Status, answer.ErrorCode, answer.Message));
            Assert.Single(Calls($"d/method/{method}", a, b));
        }
        Assert.Empty(Calls("d/method/fail", b));
    }

    [Fact]
    public async Task A_replica_that_ends_leaves_its_actors_to_the_other_at_once()
    {
        var place = SharedRedis.NewDatabase();
        await using var b = await ActorSidecar.StartAsync(place: place);
        await using (var a = await ActorSidecar.StartAsync(place: place))
        {
            await a.PutAsync("d/method/x");
            await b.PutAsync("d/method/x");
            Assert.Equal(2, Calls("d/method/x", a).Count);
            await a.Sidecar.StopAsync();
            Assert.Single(a.App.Requests(AppPath("d"), "DELETE"));
            Assert.Equal(200, (await b.PutAsync("d/method/x")).Status);
        }
        Assert.Single(Calls("d/method/x", b));
        Assert.Single(SharedRedis.Of(place, offset: 1).HashGetAll("device-service||actors||hosts"));
    }

    [Fact]
    public async Task An_idle_actor_is_free_for_the_other_replica()
    {
        var place = SharedRedis.NewDatabase();
        var config = Config.Replace("\"1h\"", "\"500ms\"");
        await using var a = await ActorSidecar.StartAsync(config, place: place);
        await using var b = await ActorSidecar.StartAsync(config, place: place);
        await a.PutAsync("d/method/x");
        await Wait.UntilAsync("its deactivation", () => a.App.Requests(AppPath("d"), "DELETE").Count == 1);
        var owners = SharedRedis.Of(place, offset: 1);
        await Wait.UntilAsync("its release",
            () => !owners.HashExists("device-service||actors||owners", "DeviceActor||d"));
        await b.PutAsync("d/method/x");
        Assert.Single(Calls("d/method/x", b));
    }

    [Fact]
    public async Task A_reminder_fires_in_one_replica_where_its_actor_lives_and_goes_on_when_that_ends()
    {
        var place = SharedRedis.NewDatabase();
        await using var b = await ActorSidecar.StartAsync(place: place);
        await using (var a = await ActorSidecar.StartAsync(place: place))
        {
            await a.PutAsync("d/method/x");
            await b.PutAsync("d/reminders/tick", """{"dueTime":"200ms","period":"300ms"}""");
            var ticks = await a.App.WaitAsync(AppPath("d/method/remind/tick"), 6);
            Assert.Empty(Calls("d/method/remind/tick", b));
            Assert.InRange((ticks[5].At - ticks[0].At).TotalSeconds, 1.2, 10);
            Assert.Equal(200, (await a.GetAsync("d/reminders/tick")).Status);
            await a.Sidecar.StopAsync();
        }
        await b.App.WaitAsync(AppPath("d/method/remind/tick"), 2);
        Assert.Equal(204, (await b.DeleteAsync("d/reminders/tick")).Status);
    }

    [Fact]
    public async Task Of_two_replicas_each_tick_is_one_ones()
    {
        var place = SharedRedis.NewDatabase();
        await using var a = await ActorSidecar.StartAsync(place: place);
        await using var b = await ActorSidecar.StartAsync(place: place);
        await Parallel.ForAsync(0, 200, async (i, _) => Assert.Equal(204,
            (await (i % 2 == 0 ? a : b).PutAsync($"m{i}/reminders/once", """{"dueTime":"1s"}""")).Status));
        await Wait.UntilAsync("all", () => Fired(a) + Fired(b) >= 200);
        await Wait.UntilAsync("their end", () => SharedRedis.Keys(SharedRedis.Of(place, offset: 1))
            .All(k => !k.Contains("reminders", StringComparison.Ordinal)));
        Assert.Equal(200, Fired(a) + Fired(b));

        static int Fired(ActorSidecar host) =>
            host.App.Requests(method: "PUT").Count(r => r.Path.EndsWith("/remind/once", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_lost_its_data_costs_the_actors_their_places_until_all_know()
    {
        Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
        await using var redis = await RedisServer.StartAsync();
        (string, string)[] place = [("redisHost", redis.Address)];
        await using var a = await ActorSidecar.StartAsync(place: place);
        await using var b = await ActorSidecar.StartAsync(place: place);
        await a.PutAsync("d/method/x");
        await redis.StopAsync();
        await redis.StartAgainAsync();
        await Wait.UntilAsync("the deactivation", () => a.App.Requests(AppPath("d"), "DELETE").Count == 1, 30);
        await Wait.UntilAsync("a new place", async () => (await b.PutAsync("d/method/y")).Status == 200, 40);
        Assert.Single(Calls("d/method/y", a, b));
    }

    [Fact]
    public async Task A_call_at_a_host_that_stands_still_fails_when_its_lease_is_over()
    {
        var place = SharedRedis.NewDatabase();
        await using var a = await ActorSidecar.StartAsync(place: place);
        using var still = new TcpListener(IPAddress.Loopback, 0);
        still.Start();
        var books = SharedRedis.Of(place, offset: 1);
        var end = DateTimeOffset.UtcNow.AddSeconds(4).ToUnixTimeMilliseconds();
        await books.HashSetAsync("device-service||actors||hosts", $"{still.LocalEndpoint}", $"gone {end}");
        await books.HashSetAsync("device-service||actors||owners", "DeviceActor||d", $"gone {still.LocalEndpoint}");
        var lost = await a.PutAsync("d/method/x");
        Assert.Equal((500, "ERR_ACTOR_INVOKE_METHOD"), (lost.Status, lost.ErrorCode));
        Assert.Contains("was lost during the call", lost.Message, StringComparison.Ordinal);
        Assert.Empty(Calls("d/method/x", a));
        Assert.Equal(200, (await a.PutAsync("d/method/x")).Status);
    }

    [Fact]
    public async Task State_and_books_are_in_databases_of_their_own()
    {
        var place = SharedRedis.NewDatabase();
        await using var host = await ActorSidecar.StartAsync(place: place);
        await host.PutAsync("d/method/x");
        await host.PutAsync("d/state", """[{"operation":"upsert","request":{"key":"n","value":{"a":1}}}]""");
        await host.PutAsync("d/reminders/r", """{"dueTime":"1h"}""");
        Assert.Equal(["device-service||DeviceActor||d||n"], SharedRedis.Keys(SharedRedis.Of(place)));
        Assert.Equal(
            ["device-service||actors||hosts", "device-service||actors||owners", "device-service||reminders",
                "device-service||reminders||due"], SharedRedis.Keys(SharedRedis.Of(place, offset: 1)));
        var last = await Assert.ThrowsAsync<ConfigurationException>(() => ActorSidecar.StartAsync(
            place: [place[0], ("redisDB", "1023")]));
        Assert.Contains("no database of the number 1024, where the reminders of actors", last.Message,
            StringComparison.Ordinal);
    }

    static List<Recorded> Calls(string path, params ActorSidecar[] hosts) =>
        [.. hosts.SelectMany(h => h.App.Requests(AppPath(path))).OrderBy(r => r.At)];
}
