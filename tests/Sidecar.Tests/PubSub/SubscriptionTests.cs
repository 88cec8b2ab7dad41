using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.PubSub;

public sealed class SubscriptionTests
{
    [Fact]
    public async Task Of_several_programmatic_subscriptions_to_a_topic_the_last_lives()
    {
        await using var bus = await Bus.StartAsync(
            Programmatic("first", "device.created") + "," + Programmatic("second", "user.#"));
        await bus.SendAsync("device.created");
        await bus.SendAsync("user.registered");

        await bus.App.WaitAsync("/second");
        Assert.Empty(bus.App.Requests("/first"));
        Assert.Equal("user.#", Keys(await bus.Sidecar.GetAsync("/v1.0/metadata")));
    }

    [Fact]
    public async Task Of_several_declared_ones_the_first_lives_and_a_programmatic_one_comes_before_both()
    {
        string[] declared = [Declared("a", "first", "device.created"), Declared("b", "second", "user.#")];
        const string elsewhere = """{"pubsubname":"pubsub","topic":"x","route":"x"}""";
        await using (var bus = await Bus.StartAsync(elsewhere, declared: declared))
        {
            await bus.SendAsync("device.created");
            await bus.App.WaitAsync("/first");
            Assert.Empty(bus.App.Requests("/second"));
        }
        await using (var bus = await Bus.StartAsync(Programmatic("third", "app.#"), declared: declared))
        {
            await bus.SendAsync("device.created");
            await bus.SendAsync("app.installed");
            await bus.App.WaitAsync("/third");
            Assert.Empty(bus.App.Requests("/first"));
        }
    }

    [Fact]
    public async Task Metadata_lists_the_subscriptions_that_live()
    {
        await using var bus = await Bus.StartAsync();

        var subscription = Subscription(await bus.Sidecar.GetAsync("/v1.0/metadata"));
        Assert.Equal(("pubsub", Bus.Topic, Bus.DeadLetters, "PROGRAMMATIC"),
            (subscription.GetProperty("pubsubname").GetString(), subscription.GetProperty("topic").GetString(),
             subscription.GetProperty("deadLetterTopic").GetString(), subscription.GetProperty("type").GetString()));
        Assert.Equal("events/other", subscription.GetProperty("rules")[2].GetProperty("path").GetString());
    }

    [Fact]
    public async Task A_rule_that_is_no_expression_keeps_its_subscription_from_starting_and_no_other()
    {
        await using var bus = await Bus.StartAsync(
            Bus.Subscription("#", [("event.type ==", "events/a")])
            + """,{"pubsubname":"pubsub","topic":"x","route":"x","metadata":{"routingKey":"#"}}""");
        await bus.SendAsync();
        await bus.Sidecar.CallAsync("POST", "/v1.0/publish/pubsub/x", "{}");

        await bus.App.WaitAsync("/x");
        Assert.Empty(bus.App.Requests("/events/a").Concat(bus.App.Requests(Bus.Other)));
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(500, "")]
    [InlineData(200, "{")]
    [InlineData(200, "[{}]")]
    public async Task An_app_that_tells_nothing_gets_what_was_declared_for_it(int status, string body)
    {
        await using var app = await RecordingApp.StartAsync();
        app.On("/dapr/subscribe", new Reply(status, body));
        await using var sidecar = await TestSidecar.StartAsync(
            Bus.AppId, app, [TestSidecar.Component("pubsub", "pubsub.in-memory"), Declared("a", "first", "#")]);
        await sidecar.CallAsync("POST", $"/v1.0/publish/pubsub/{Bus.Topic}", "{}");

        await app.WaitAsync("/first");
    }

    static string Programmatic(string route, string key) => $$"""
        {"PubsubName":"pubsub","TOPIC":"{{Bus.Topic}}","route":"{{route}}",
         "metadata":{"queueName":"q.{{route}}","routingKey":"{{key}}"} }
        """;

    static string Declared(string name, string route, string key) => $"""
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata:
          name: {name}
        spec:
          pubsubname: pubsub
          topic: {Bus.Topic}
          routes:
            default: /{route}
          metadata:
            queueName: q.{route}
            routingKey: "{key}"
        scopes: [{Bus.AppId}]

        """;

    static JsonElement Subscription(Answer metadata) =>
        metadata.Json.GetProperty("subscriptions").EnumerateArray()
            .Single(s => s.GetProperty("topic").GetString() == Bus.Topic);

    static string? Keys(Answer metadata) =>
        Subscription(metadata).GetProperty("metadata").GetProperty("routingKey").GetString();
}
