using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.PubSub;

public sealed class InMemoryTests
{
    const string Subscription = """[{"pubsubName":"pubsub","topic":"t","route":"events/t"}]""";

    [Fact]
    public async Task Metadata_arrive_as_headers_and_a_refused_event_does_not_come_again()
    {
        await using var app = await RecordingApp.StartAsync(subscribe: Subscription);
        await using var sidecar = await TestSidecar.StartAsync(
            "a", app, [TestSidecar.Component("pubsub", "pubsub.in-memory")]);
        app.On("/events/t", 500, 200);

        await sidecar.CallAsync(
            "POST", "/v1.0/publish/pubsub/t?metadata.routingKey=x&metadata.cloudevent.id=1", """{"a":1}""");
        var first = (await app.WaitAsync("/events/t"))[0];
        await sidecar.CallAsync("POST", "/v1.0/publish/pubsub/t?metadata.cloudevent.id=2", "{}");
        var second = (await app.WaitAsync("/events/t", 2))[1];

        Assert.Equal("application/cloudevents+json", first.Headers["content-type"]);
        Assert.Equal(
            ("pubsub", "x", "1"),
            (first.Headers["pubsubname"], first.Headers["routingkey"], first.Headers["cloudevent.id"]));
        Assert.Equal("2", JsonElement.Parse(second.Body).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_lifetime_becomes_an_expiration_since_the_broker_knows_none()
    {
        await using var app = await RecordingApp.StartAsync(subscribe: Subscription);
        await using var sidecar = await TestSidecar.StartAsync(
            "a", app, [TestSidecar.Component("pubsub", "pubsub.in-memory")]);

        await sidecar.CallAsync("POST", "/v1.0/publish/pubsub/t?metadata.ttlInSeconds=60", "{}");

        var e = JsonElement.Parse((await app.WaitAsync("/events/t"))[0].Body);
        var lifetime = e.GetProperty("expiration").GetDateTimeOffset() - e.GetProperty("time").GetDateTimeOffset();
        Assert.Equal(60, lifetime.TotalSeconds);
    }
}
