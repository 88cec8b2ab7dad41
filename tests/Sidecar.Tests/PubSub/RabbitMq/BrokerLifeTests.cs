using System.Collections.Concurrent;
using CloudPhone.Sidecar.Tests.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Sidecar.Tests.PubSub.RabbitMq;

[Collection(Rabbit.Name)]
public sealed class BrokerLifeTests(Rabbit rabbit)
{
    [Fact]
    public async Task Without_a_broker_the_sidecar_starts_says_what_is_wrong_and_works_once_it_is_there()
    {
        if (RabbitMqServer.Missing is { } reason)
            Assert.Skip(reason);
        await using var server = await RabbitMqServer.StartAsync(start: false);
        await using var app = await RecordingApp.StartAsync(subscribe: $"[{RabbitBus.Subscription()}]");
        await using var sidecar = await TestSidecar.StartAsync(
            RabbitBus.AppId, app, [RabbitBus.Component(server.Url())]);

        var path = $"/v1.0/publish/pubsub/{RabbitBus.Topic}?metadata.routingKey=device.created";
        var refused = await sidecar.CallAsync("POST", path, "{}");
        Assert.Equal(500, refused.Status);
        Assert.Contains("can't be reached", refused.Body, StringComparison.Ordinal);
        Assert.Contains("component 'pubsub'", refused.Body, StringComparison.Ordinal);

        await server.StartAgainAsync();
        await Wait.UntilAsync("an event", async () =>
            (await sidecar.CallAsync("POST", path, "{}")).Status == 204 && app.Requests(RabbitBus.Path).Count > 0, 30);
    }

    [Fact]
    public async Task A_wrong_password_is_said_and_counts_no_more_once_it_is_right()
    {
        var host = await rabbit.Server.CreateVirtualHostAsync();
        var url = rabbit.Server.Url(host, "s3cret").Replace("guest", "late", StringComparison.Ordinal);
        await using var sidecar = await TestSidecar.StartAsync(
            RabbitBus.AppId, resources: [RabbitBus.Component(url)]);
        var path = $"/v1.0/publish/pubsub/{RabbitBus.Topic}";
        var refused = await sidecar.CallAsync("POST", path, "{}");
        Assert.Equal(500, refused.Status);
        Assert.Contains("does not accept the user or password", refused.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refused.Body, StringComparison.Ordinal);

        await rabbit.Server.SendAsync(HttpMethod.Put, "users/late", new { password = "s3cret", tags = "" });
        var stranger = await sidecar.CallAsync("POST", path, "{}");
        Assert.True(stranger.Body.Contains("does not let the user in", StringComparison.Ordinal), stranger.Body);
        await rabbit.Server.SendAsync(
            HttpMethod.Put, $"permissions/{host}/late", new { configure = ".*", write = ".*", read = ".*" });
        await Wait.UntilAsync("publishing", async () => (await sidecar.CallAsync("POST", path, "{}")).Status == 204);
    }

    [Fact]
    public async Task A_queue_that_exists_with_other_arguments_keeps_only_its_subscription_waiting_until_it_is_gone()
    {
        var host = await rabbit.Server.CreateVirtualHostAsync();
        await rabbit.Server.SendAsync(
            HttpMethod.Put, $"queues/{host}/{RabbitBus.Queue}", new { durable = true, arguments = new { } });
        using var log = new LogLines();
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, host: host, log: log);
        await bus.SendAsync();
        await Wait.UntilAsync("a clear word in the log", () => log.Lines.Any(l =>
            ((string[])["pubsub", $"'{RabbitBus.Queue}'", "other arguments", "delete it there"])
            .All(part => l.Contains(part, StringComparison.Ordinal))));
        Assert.Empty(await bus.ListAsync("consumers"));

        await rabbit.Server.SendAsync(HttpMethod.Delete, $"queues/{host}/{RabbitBus.Queue}");
        await bus.ConsumersAsync();
        await bus.SendAsync("after");
        Assert.Equal(["after"], await bus.IdsAsync(1));
    }

    [Fact]
    public async Task A_queue_that_is_deleted_under_its_consumer_is_declared_again()
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server);
        await bus.ConsumersAsync();
        await rabbit.Server.SendAsync(HttpMethod.Delete, $"queues/{bus.Host}/{RabbitBus.Queue}");
        await Wait.UntilAsync("delivery", async () =>
        {
            await bus.SendAsync();
            return bus.App.Requests(RabbitBus.Path).Count > 0;
        });
    }

    [Fact]
    public async Task What_was_answered_with_confirmations_survives_a_broker_killed_in_the_middle_and_is_delivered()
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, component: ("publisherConfirm", "true"));
        await bus.ConsumersAsync();
        var (answered, isOver, next) = (new ConcurrentBag<string>(), false, 0);
        var publishers = Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isOver))
            {
                var id = $"{Interlocked.Increment(ref next)}";
                if ((await bus.PublishAsync(id)).Status == 204)
                    answered.Add(id);
            }
        })).ToList();
        await Wait.UntilAsync("events", () => answered.Count > 500, 60);
        await rabbit.Server.KillAsync();
        await rabbit.Server.StartAgainAsync();
        var before = answered.Count;
        await Wait.UntilAsync("more events", () => answered.Count > before + 200, 60);
        isOver = true;
        await Task.WhenAll(publishers);

        await Wait.UntilAsync("all events", async () =>
            answered.Except(await bus.IdsAsync(1)).Any() == false, 60);
        await bus.DepthAsync(0);
    }

    [Fact]
    public async Task A_frozen_broker_is_waited_for()
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, component: ("publisherConfirm", "true"));
        await bus.ConsumersAsync();
        await bus.SendAsync("before");
        await bus.IdsAsync(1);
        await rabbit.Server.FreezeAsync();
        Task<Answer> meanwhile;
        try
        {
            meanwhile = bus.PublishAsync("meanwhile");
            Assert.Equal(204, (await bus.Sidecar.GetAsync("/v1.0/healthz")).Status);
            Assert.False(meanwhile.IsCompleted);
        }
        finally
        {
            await rabbit.Server.ThawAsync();
        }

        Assert.Equal(204, (await meanwhile).Status);
        await bus.SendAsync("after");
        Assert.Equal(["after", "before", "meanwhile"], (await bus.IdsAsync(3)).Order());
    }
}
