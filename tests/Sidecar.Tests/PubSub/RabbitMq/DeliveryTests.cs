using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.PubSub.RabbitMq;

[Collection(Rabbit.Name)]
public sealed class DeliveryTests(Rabbit rabbit)
{
    [Fact]
    public async Task An_event_that_the_app_took_is_acknowledged()
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server);
        await bus.SendAsync("e1");
        await bus.SendAsync("other", "user.registered");
        Assert.Equal(["e1"], await bus.IdsAsync(1));
        await bus.DepthAsync(0);
    }

    [Fact]
    public async Task A_refused_event_is_the_brokers_to_dead_letter_where_it_is_not_to_be_requeued()
    {
        var host = await rabbit.Server.CreateVirtualHostAsync();
        await rabbit.Server.SendAsync(HttpMethod.Put, $"policies/{host}/dead", new Dictionary<string, object>
        {
            ["pattern"] = "\\.events$", ["apply-to"] = "queues",
            ["definition"] = new Dictionary<string, object> { ["dead-letter-exchange"] = "dead" },
        });
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, host: host);
        await bus.TapAsync("dead");
        bus.App.On(RabbitBus.Path, 500);
        await bus.SendAsync();

        var dead = Assert.Single(await bus.ReadAsync());
        Assert.Equal("device.created", dead.GetProperty("routing_key").GetString());
        Assert.Equal("rejected", dead.GetProperty("properties").GetProperty("headers").GetProperty("x-death")[0]
            .GetProperty("reason").GetString());
        Assert.Single(bus.App.Requests(RabbitBus.Path));
    }

    [Fact]
    public async Task A_refused_event_comes_again_with_growing_pauses_where_it_is_to_be_requeued()
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, component: ("requeueInFailure", "true"));
        bus.App.On(RabbitBus.Path, 500, 500, 500, 200);
        await bus.SendAsync();
        var tries = await bus.App.WaitAsync(RabbitBus.Path, 4);
        await bus.DepthAsync(0);
        Assert.Equal(4, bus.App.Requests(RabbitBus.Path).Count);
        Assert.InRange((tries[1].At - tries[0].At).TotalSeconds, 0.09, 60);
        Assert.InRange((tries[3].At - tries[2].At).TotalSeconds, 0.39, 60);
    }

    [Theory]
    [InlineData("parallel", "3", 3)]
    [InlineData("single", "10", 1)]
    public async Task The_prefetch_and_the_mode_limit_what_the_app_has_at_once(string mode, string prefetch, int most)
    {
        await using var bus = await RabbitBus.StartAsync(
            rabbit.Server, component: [("concurrencyMode", mode), ("prefetchCount", prefetch)]);
        bus.App.On(RabbitBus.Path, new Reply(200, Delay: TimeSpan.FromMilliseconds(100)));
        for (var i = 0; i < 12; i++)
            await bus.SendAsync($"{i}");

        var starts = (await bus.App.WaitAsync(RabbitBus.Path, 12)).Select(r => r.At).Order().ToList();
        for (var i = most; i < starts.Count; i++)
            Assert.InRange((starts[i] - starts[i - most]).TotalMilliseconds, 90, 60_000);
        if (most == 1)
            Assert.Equal(Enumerable.Range(0, 12).Select(i => $"{i}"), await bus.IdsAsync(12));
    }

    [Fact]
    public async Task Events_in_hand_when_the_sidecar_ends_are_settled_and_the_others_wait_in_the_queue()
    {
        await using var bus = await RabbitBus.StartAsync(
            rabbit.Server, component: [("concurrencyMode", "single"), ("prefetchCount", "10")]);
        bus.App.On(RabbitBus.Path, new Reply(200, Delay: TimeSpan.FromSeconds(1)));
        for (var i = 0; i < 5; i++)
            await bus.SendAsync($"{i}");
        await bus.App.WaitAsync(RabbitBus.Path);
        await bus.Sidecar.StopAsync();
        var handled = bus.App.Requests(RabbitBus.Path).Count;
        await bus.DepthAsync(5 - handled);

        bus.App.On(RabbitBus.Path, 200);
        await using var next = await RabbitBus.StartAsync(rabbit.Server, host: bus.Host);
        Assert.Equal(
            Enumerable.Range(handled, 5 - handled).Select(i => $"{i}"),
            (await next.IdsAsync(5 - handled)).Order(StringComparer.Ordinal));
    }
}
