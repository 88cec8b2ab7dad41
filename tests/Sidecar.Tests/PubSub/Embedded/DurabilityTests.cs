using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Tests.PubSub.Embedded;

public sealed class DurabilityTests
{
    [Fact]
    public async Task What_was_published_survives_a_crash_and_a_queue_collects_while_nobody_consumes()
    {
        await using var broker = new TestBroker();
        await (await broker.Component("a").ConsumeAsync(new())).DisposeAsync();
        await broker.Component("b").SendAsync("1");
        await broker.Component("b").SendAsync("2");

        await broker.CrashAsync();

        await broker.Component("b").SendAsync("3");
        var inbox = new Inbox();
        await broker.Component("a", ("concurrencyMode", "single")).ConsumeAsync(inbox);
        Assert.Equal(["1", "2", "3"], await inbox.WaitAsync(3));
    }

    [Fact]
    public async Task What_was_not_acknowledged_comes_again_after_a_crash_and_what_was_does_not()
    {
        await using var broker = new TestBroker();
        var never = new TaskCompletionSource();
        var before = new Inbox { Act = m => m == "in hand" ? never.Task : Task.CompletedTask };
        var pubSub = broker.Component("a", ("prefetchCount", "1"));
        await pubSub.ConsumeAsync(before);
        await pubSub.SendAsync("done");
        await pubSub.SendAsync("in hand");
        await pubSub.SendAsync("waiting");
        await before.WaitAsync(2);

        await broker.CrashAsync();

        var after = new Inbox();
        pubSub = broker.Component("a", ("concurrencyMode", "single"));
        await pubSub.ConsumeAsync(after);
        Assert.Equal(["in hand", "waiting"], await after.WaitAsync(2));
        await pubSub.SendAsync("last");
        Assert.Equal("last", (await after.WaitAsync(3))[2]);
    }

    [Fact]
    public async Task Ten_thousand_messages_of_concurrent_publishers_arrive_once_each_through_two_crashes()
    {
        const int publishers = 50, each = 200;
        await using var broker = new TestBroker();
        await (await broker.Component("a").ConsumeAsync(new())).DisposeAsync();
        var pubSub = broker.Component("b");
        await Task.WhenAll(Enumerable.Range(0, publishers).Select(p => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
                await pubSub.SendAsync($"{p}-{i}");
        })));

        await broker.CrashAsync();

        var first = new Inbox();
        var consumer = await broker.Component("a", ("prefetchCount", "50")).ConsumeAsync(first);
        await first.WaitAsync(publishers * each / 3);
        await consumer.DisposeAsync();
        await broker.CrashAsync();
        var second = new Inbox();
        await broker.Component("a", ("prefetchCount", "50")).ConsumeAsync(second);
        await Wait.UntilAsync("all", () => first.Taken.Count + second.Taken.Count >= publishers * each);
        Assert.Equal(publishers * each, first.Taken.Concat(second.Taken).Distinct().Count());
        Assert.Equal(publishers * each, first.Taken.Count + second.Taken.Count);
    }

    [Fact]
    public async Task A_long_queue_opens_quickly_and_stays_on_disk()
    {
        const int count = 20_000;
        await using var broker = new TestBroker();
        await (await broker.Component("a").ConsumeAsync(new())).DisposeAsync();
        var body = new string('x', 2000);
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => broker.Component("b").SendAsync(body)));
        await broker.ReopenAsync();

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var held = new TaskCompletionSource();
        var inbox = new Inbox { Act = _ => held.Task };
        await broker.Component("a", ("prefetchCount", "20")).ConsumeAsync(inbox);
        await inbox.WaitAsync(20);

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 3);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 << 20);
        held.SetResult();
        await inbox.WaitAsync(count / 10);
    }

    [Fact]
    public async Task A_message_that_is_too_old_is_not_delivered()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var broker = new TestBroker(time);
        var pubSub = broker.Component("a", ("concurrencyMode", "single"), ("ttlInSeconds", "60"));
        await (await pubSub.ConsumeAsync(new())).DisposeAsync();
        await pubSub.SendAsync("ten seconds", metadata: ("ttlInSeconds", "10"));
        await pubSub.SendAsync("the component's minute");
        await pubSub.SendAsync("a day", metadata: ("ttlInSeconds", "86400"));
        time.Advance(TimeSpan.FromSeconds(30));

        var inbox = new Inbox();
        var consumer = await pubSub.ConsumeAsync(inbox);
        Assert.Equal(["the component's minute", "a day"], await inbox.WaitAsync(2));
        await consumer.DisposeAsync();
        await pubSub.SendAsync("the component's minute");
        time.Advance(TimeSpan.FromSeconds(70));
        await pubSub.SendAsync("fresh");
        await pubSub.ConsumeAsync(inbox);
        Assert.Equal("fresh", (await inbox.WaitAsync(3))[2]);
    }

    [Fact]
    public async Task A_file_that_another_process_has_is_refused_with_a_reason()
    {
        await using var broker = new TestBroker();
        await broker.Component("a").SendAsync("1");
        await using var other = new SidecarNeighbourhood();

        var e = Assert.Throws<ConfigurationException>(() => CloudPhone.Sidecar.PubSub.Embedded.EmbeddedBroker.Open(
            other, broker.Path, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));

        Assert.Contains("in use by another process", e.Message, StringComparison.Ordinal);
    }
}
