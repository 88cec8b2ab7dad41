using System.Text.Json;

namespace CloudPhone.Sidecar.Tests.PubSub.RabbitMq;

[Collection(Rabbit.Name)]
public sealed class TopologyTests(Rabbit rabbit)
{
    [Fact]
    public async Task The_exchange_the_queue_its_bindings_and_one_connection_are_declared_as_the_component_says()
    {
        await using var bus = await RabbitBus.StartAsync(
            rabbit.Server, RabbitBus.Subscription("device.created, user.#", """, "singleActiveConsumer": "true" """));

        var exchange = Assert.Single(await bus.ListAsync("exchanges"), e => Text(e, "name") == RabbitBus.Topic);
        Assert.Equal(("topic", true, false), (Text(exchange, "type"), IsDurable(exchange), IsAutoDelete(exchange)));
        var queue = Assert.Single(await bus.ListAsync("queues"));
        Assert.Equal((RabbitBus.Queue, true, false), (Text(queue, "name"), IsDurable(queue), IsAutoDelete(queue)));
        Assert.Equal("""{"x-queue-type":"quorum","x-single-active-consumer":true}""", Arguments(queue));
        Assert.Equal([" user.#", "device.created"], await KeysAsync(bus, RabbitBus.Queue));
        await bus.ConsumersAsync();
        var consumer = Assert.Single(await bus.ListAsync("consumers"));
        Assert.StartsWith(RabbitBus.Queue + "-", Text(consumer, "consumer_tag"), StringComparison.Ordinal);
        Assert.Equal(50, consumer.GetProperty("prefetch_count").GetInt32());
    }

    [Fact]
    public async Task Without_metadata_queue_and_exchange_are_classic_fanout_durable_and_go_with_their_last_user()
    {
        await using var bus = await RabbitBus.StartAsync(
            rabbit.Server, """{"pubsubname": "pubsub", "topic": "t", "route": "events"}""", component:
            [("exchangeKind", null), ("durable", null), ("deletedWhenUnused", null), ("prefetchCount", null)]);

        var exchange = Assert.Single(await bus.ListAsync("exchanges"), e => Text(e, "name") == "t");
        Assert.Equal(("fanout", true, true), (Text(exchange, "type"), IsDurable(exchange), IsAutoDelete(exchange)));
        var queue = Assert.Single(await bus.ListAsync("queues"));
        Assert.Equal(("notification-service-t", true), (Text(queue, "name"), IsAutoDelete(queue)));
        Assert.Equal("""{"x-queue-type":"classic"}""", Arguments(queue));
        Assert.Equal([""], await KeysAsync(bus, "notification-service-t"));
    }

    [Fact]
    public async Task A_dead_letter_queue_lengths_and_priorities_are_declared_where_asked_for()
    {
        await using var bus = await RabbitBus.StartAsync(
            rabbit.Server, RabbitBus.Subscription(more: """, "queueType": "classic", "maxPriority": "300" """),
            component: [("enableDeadLetter", "true"), ("maxLen", "10"), ("maxLenBytes", "2000")]);
        bus.App.On(RabbitBus.Path, 500);
        await bus.SendAsync();

        Assert.Equal("1", Id(Assert.Single(await bus.ReadAsync(queue: "dlq-" + RabbitBus.Queue))));
        var queues = (await bus.ListAsync("queues")).ToDictionary(q => Text(q, "name"), Arguments);
        Assert.Equal(
            """{"x-dead-letter-exchange":"dlx-notification-service.events","x-max-length":10,"x-max""" +
            """-length-bytes":2000,"x-max-priority":255,"x-queue-type":"classic"}""",
            queues[RabbitBus.Queue]);
        Assert.Equal(
            """{"x-max-length":10,"x-max-length-bytes":2000,"x-queue-mode":"lazy"}""",
            queues["dlq-" + RabbitBus.Queue]);
    }

    [Theory]
    [InlineData(""" , "maxLen": "10" """)]
    [InlineData(""" , "routingkeys": "x" """)]
    [InlineData(""" , "maxPriority": "high" """)]
    [InlineData(""" , "queueType": "stream" """)]
    public async Task A_subscription_with_a_wrong_or_unknown_field_is_not_started_and_publishing_goes_on(string more)
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, RabbitBus.Subscription(more: more));
        await bus.SendAsync();
        Assert.Empty(await bus.ListAsync("queues"));
    }

    static async Task<IEnumerable<string>> KeysAsync(RabbitBus bus, string queue) =>
        (await bus.ListAsync("bindings")).Where(b => Text(b, "destination") == queue && Text(b, "source") != "")
            .Select(b => Text(b, "routing_key")).Order(StringComparer.Ordinal);

    static string Arguments(JsonElement queue) => JsonSerializer.Serialize(new SortedDictionary<string, JsonElement>(
        queue.GetProperty("arguments").Deserialize<Dictionary<string, JsonElement>>()!, StringComparer.Ordinal));

    static string Id(JsonElement message) =>
        JsonElement.Parse(Text(message, "payload")).GetProperty("id").GetString()!;

    static string Text(JsonElement e, string name) => e.GetProperty(name).GetString()!;

    static bool IsDurable(JsonElement e) => e.GetProperty("durable").GetBoolean();

    static bool IsAutoDelete(JsonElement e) => e.GetProperty("auto_delete").GetBoolean();
}
