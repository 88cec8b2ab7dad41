using CloudPhone.Sidecar.PubSub.Embedded;

namespace CloudPhone.Sidecar.Tests.PubSub.Embedded;

public sealed class SubscriberGateTests
{
    [Fact]
    public async Task Events_wait_until_every_expected_app_has_told_its_subscriptions()
    {
        await using var broker = new TestBroker();
        ExpectedSubscribers.Of(broker.Neighbourhood).Set(["a", "b", "publisher"]);
        var publisher = broker.Component("publisher");
        await publisher.SubscriptionsToldAsync(CancellationToken.None);
        Inbox first = new(), second = new();
        var a = broker.Component("a", ("concurrencyMode", "single"));
        await a.ConsumeAsync(first);
        await a.SubscriptionsToldAsync(CancellationToken.None);
        for (var i = 0; i < 1200; i++)
            await publisher.SendAsync($"{i}");
        Assert.Empty(first.Taken);

        var b = broker.Component("b", ("concurrencyMode", "single"));
        await b.ConsumeAsync(second, queue: "q2");
        await b.SubscriptionsToldAsync(CancellationToken.None);
        await publisher.SendAsync("1200");

        var expected = Enumerable.Range(0, 1201).Select(i => $"{i}");
        Assert.Equal(expected, await first.WaitAsync(1201));
        Assert.Equal(expected, await second.WaitAsync(1201));
    }

    [Fact]
    public async Task What_waits_survives_a_crash_and_who_has_told_once_need_not_again()
    {
        await using var broker = new TestBroker();
        ExpectedSubscribers.Of(broker.Neighbourhood).Set(["a", "b"]);
        var a = broker.Component("a");
        await a.ConsumeAsync(new());
        await a.SubscriptionsToldAsync(CancellationToken.None);
        await a.SendAsync("early");
        await broker.CrashAsync();

        ExpectedSubscribers.Of(broker.Neighbourhood).Set(["a", "b"]);
        var b = broker.Component("b", ("concurrencyMode", "single"));
        await b.SendAsync("late");
        var inbox = new Inbox();
        await b.ConsumeAsync(inbox, queue: "q2");
        Assert.Empty(inbox.Taken);
        await b.SubscriptionsToldAsync(CancellationToken.None);
        Assert.Equal(["early", "late"], await inbox.WaitAsync(2));
        await broker.CrashAsync();

        ExpectedSubscribers.Of(broker.Neighbourhood).Set(["b", "a"]);
        var after = new Inbox();
        var again = broker.Component("a", ("concurrencyMode", "single"));
        await again.ConsumeAsync(after);
        await again.SendAsync("at once");
        Assert.Equal(["early", "late", "at once"], await after.WaitAsync(3));
    }

    [Fact]
    public async Task Waiting_can_be_called_off_and_held_events_without_a_queue_vanish()
    {
        await using var broker = new TestBroker();
        var a = broker.Component("a", ("concurrencyMode", "single"));
        a.Broker.ExpectSubscribers(["a", "never"]);
        var inbox = new Inbox();
        await a.ConsumeAsync(inbox, "yes");
        await a.SendAsync("1", "yes");
        await a.SendAsync("2", "no");
        await a.SendAsync("3", "yes");

        a.Broker.ExpectSubscribers([]);

        Assert.Equal(["1", "3"], await inbox.WaitAsync(2));
    }
}
