using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.PubSub;

namespace CloudPhone.Sidecar.Tests.PubSub.Embedded;

public sealed class QueueTests
{
    [Fact]
    public async Task Every_queue_gets_a_message_once_and_consumers_of_one_queue_share()
    {
        await using var broker = new TestBroker();
        Inbox first = new(), second = new(), other = new();
        await broker.Component("a", ("prefetchCount", "1")).ConsumeAsync(first, "device.#,device.created");
        await broker.Component("a", ("prefetchCount", "1")).ConsumeAsync(second, "device.#,device.created");
        await broker.Component("b").ConsumeAsync(other, "device.*", "other");

        for (var i = 0; i < 100; i++)
            await broker.Component("c").SendAsync($"{i}", "device.created");

        await other.WaitAsync(100);
        await Wait.UntilAsync("all", () => first.Taken.Count + second.Taken.Count >= 100);
        Assert.Equal(100, first.Taken.Concat(second.Taken).Distinct().Count());
        Assert.NotEmpty(first.Taken);
        Assert.NotEmpty(second.Taken);
    }

    [Fact]
    public async Task A_message_that_nobody_is_bound_to_vanishes_as_in_RabbitMQ()
    {
        await using var broker = new TestBroker();
        var inbox = new Inbox();
        var pubSub = broker.Component("a");
        await pubSub.ConsumeAsync(inbox, "device.*");
        await pubSub.SendAsync("no", "user.created");
        await pubSub.SendAsync("yes", "device.created");

        Assert.Equal(["yes"], await inbox.WaitAsync(1));
    }

    [Fact]
    public async Task Bindings_that_the_subscription_no_longer_has_are_removed()
    {
        await using var broker = new TestBroker();
        var pubSub = broker.Component("a");
        await (await pubSub.ConsumeAsync(new(), "old,kept")).DisposeAsync();
        await (await pubSub.ConsumeAsync(new(), "#", topic: "former")).DisposeAsync();
        await broker.ReopenAsync();

        pubSub = broker.Component("a", ("concurrencyMode", "single"));
        var inbox = new Inbox();
        await pubSub.ConsumeAsync(inbox, "kept,new");
        await pubSub.SendAsync("1", "old");
        await pubSub.SendAsync("2", "kept");
        await pubSub.SendAsync("3", "new");
        await pubSub.PublishAsync(
            new("former", "4"u8.ToArray(), null, new Dictionary<string, string>()), CancellationToken.None);
        await pubSub.SendAsync("5", "new");

        Assert.Equal(["2", "3", "5"], await inbox.WaitAsync(3));
    }

    [Fact]
    public async Task A_single_consumer_keeps_the_order_even_around_a_refusal()
    {
        await using var broker = new TestBroker();
        var failures = 3;
        var inbox = new Inbox
        {
            Act = m => m == "1" && Interlocked.Decrement(ref failures) >= 0
                ? throw new InvalidOperationException("no")
                : Task.CompletedTask,
        };
        var pubSub = broker.Component(
            "a", ("concurrencyMode", "single"), ("requeueInFailure", "true"), ("prefetchCount", "50"));
        await pubSub.ConsumeAsync(inbox);
        for (var i = 0; i < 5; i++)
            await pubSub.SendAsync($"{i}");

        Assert.Equal(["0", "1", "1", "1", "1", "2", "3", "4"], await inbox.WaitAsync(8));
        Assert.Equal(1, inbox.MostAtOnce);
    }

    [Fact]
    public async Task A_refused_message_is_dropped_where_the_component_does_not_requeue()
    {
        await using var broker = new TestBroker();
        var inbox = new Inbox
        {
            Act = m => m == "bad" ? throw new InvalidOperationException("no") : Task.CompletedTask,
        };
        var pubSub = broker.Component("a", ("prefetchCount", "1"));
        await pubSub.ConsumeAsync(inbox);
        await pubSub.SendAsync("bad");
        await pubSub.SendAsync("good");

        Assert.Equal(["bad", "good"], await inbox.WaitAsync(2));
        await broker.ReopenAsync();
        var after = new Inbox();
        pubSub = broker.Component("a");
        await pubSub.ConsumeAsync(after);
        await pubSub.SendAsync("next");
        Assert.Equal(["next"], await after.WaitAsync(1));
    }

    [Fact]
    public async Task Prefetch_bounds_what_is_in_hand()
    {
        await using var broker = new TestBroker();
        var go = new TaskCompletionSource();
        var inbox = new Inbox { Act = _ => go.Task };
        var pubSub = broker.Component("a", ("prefetchCount", "7"));
        await pubSub.ConsumeAsync(inbox);
        for (var i = 0; i < 30; i++)
            await pubSub.SendAsync($"{i}");
        await inbox.WaitAsync(7);
        Assert.Equal(7, inbox.Taken.Count);
        go.SetResult();

        await inbox.WaitAsync(30);
        Assert.Equal(30, inbox.Taken.Distinct().Count());
    }

    [Fact]
    public async Task A_stopped_consumer_lets_its_handler_finish_and_another_one_gets_the_rest()
    {
        await using var broker = new TestBroker();
        var go = new TaskCompletionSource();
        var first = new Inbox { Act = _ => go.Task };
        var pubSub = broker.Component("a", ("prefetchCount", "1"));
        var consumer = await pubSub.ConsumeAsync(first);
        await pubSub.SendAsync("1");
        await pubSub.SendAsync("2");
        await first.WaitAsync(1);
        var stopped = consumer.DisposeAsync().AsTask();
        var second = new Inbox();
        await pubSub.ConsumeAsync(second);
        Assert.Equal(["2"], await second.WaitAsync(1));
        Assert.False(stopped.IsCompleted);
        go.SetResult();
        await stopped;

        await pubSub.SendAsync("3");
        Assert.Equal(["2", "3"], await second.WaitAsync(2));
        Assert.Equal(["1"], first.Taken);
    }

    [Theory]
    [InlineData("fanout", 2)]
    [InlineData("direct", 1)]
    public async Task The_exchange_kind_decides_what_a_routing_key_means(string kind, int expected)
    {
        await using var broker = new TestBroker();
        var pubSub = broker.Component("a", ("exchangeKind", kind), ("concurrencyMode", "single"));
        var taken = new Inbox();
        await pubSub.ConsumeAsync(taken, "device.#,last");
        await pubSub.SendAsync("1", "device.created");
        await pubSub.SendAsync("2", "last");

        var all = await taken.WaitAsync(expected);
        Assert.Equal("2", all[^1]);
        Assert.Equal(expected, all.Count);
    }

    [Fact]
    public async Task One_topic_has_one_exchange_kind()
    {
        await using var broker = new TestBroker();
        await broker.Component("a").SendAsync("1");

        var e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => broker.Component("b", ("exchangeKind", "fanout")).SendAsync("2"));

        Assert.Contains("exchangeKind topic", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_has_the_consumers_name_where_the_subscription_gives_none()
    {
        await using var broker = new TestBroker();
        Inbox first = new(), second = new();
        var pubSub = broker.Component("a", ("consumerID", "team"), ("exchangeKind", "fanout"));
        var none = new Dictionary<string, string>();
        await pubSub.SubscribeAsync(TestBroker.Topic, none, first.HandleAsync, CancellationToken.None);
        await pubSub.ConsumeAsync(second, queue: "team-events");
        for (var i = 0; i < 4; i++)
            await pubSub.SendAsync($"{i}");

        await Wait.UntilAsync("all", () => first.Taken.Count + second.Taken.Count >= 4);
        Assert.Equal(4, first.Taken.Count + second.Taken.Count);
    }

    [Theory]
    [InlineData("exchangeKind", "headers")]
    [InlineData("prefetchCount", "256")]
    [InlineData("prefetchCount", "many")]
    [InlineData("concurrencyMode", "serial")]
    [InlineData("concurrency", "single")]
    [InlineData("durable", "false")]
    [InlineData("deletedWhenUnused", "true")]
    [InlineData("ttlInSeconds", "-1")]
    [InlineData("path", "")]
    [InlineData("path", "/dev/null/broker.db")]
    [InlineData("connectionString", "amqp://localhost")]
    public async Task A_wrong_field_is_named(string name, string value)
    {
        await using var broker = new TestBroker();

        var e = Assert.Throws<ConfigurationException>(() => broker.Component("a", (name, value)));

        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_queue_type_is_refused()
    {
        await using var broker = new TestBroker();
        var metadata = new Dictionary<string, string> { ["queueType"] = "stream" };

        var e = await Assert.ThrowsAsync<BrokerException>(() => broker.Component("a").SubscribeAsync(
            TestBroker.Topic, metadata, new Inbox().HandleAsync, CancellationToken.None));

        Assert.Contains("queueType", e.Message, StringComparison.Ordinal);
    }
}
