using System.Text.Json;

namespace CloudPhone.Sidecar.Tests.PubSub.RabbitMq;

[Collection(Rabbit.Name)]
public sealed class PublishTests(Rabbit rabbit)
{
    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task A_message_has_the_properties_that_were_asked_for_and_no_others(string confirm)
    {
        await using var bus = await RabbitBus.StartAsync(
            rabbit.Server, "", component: [("publisherConfirm", confirm), ("ttlInSeconds", "60")]);
        await bus.TapAsync();
        await bus.SendAsync();
        await bus.PublishAsync(
            "2", more: "&metadata.priority=3&metadata.messageID=m&metadata.correlationID=c&metadata.type=t"
            + "&metadata.contentType=application/json&metadata.ttlInSeconds=5");
        await bus.PublishAsync("3", more: "&metadata.priority=high&metadata.ttlInSeconds=soon");

        var messages = await bus.ReadAsync(3);
        Assert.All(messages, m => Assert.Equal("device.created", m.GetProperty("routing_key").GetString()));
        Assert.Equal(
            [
                """{"content_type":"text/plain","delivery_mode":"2","expiration":"60000"}""",
                """{"content_type":"application/json","correlation_id":"c","delivery_mode":"2","expir""" +
                """ation":"5000","message_id":"m","priority":"3","type":"t"}""",
                """{"content_type":"text/plain","delivery_mode":"2","expiration":"60000"}""",
            ], messages.Select(Properties));
    }

    [Fact]
    public async Task With_confirmations_a_message_that_the_broker_refuses_is_an_error_and_without_it_is_lost()
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, "", component: ("publisherConfirm", "true"));
        await bus.TapAsync(arguments: Full(1));
        await bus.SendAsync("first");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => bus.PublishAsync($"{i}")));
        Assert.All(answers, a => Assert.Equal(500, a.Status));
        Assert.Contains("RabbitMQ refused the message", answers[0].Body, StringComparison.Ordinal);
        Assert.Equal(204, (await bus.PublishAsync(topic: "nobody.listens")).Status);
        await bus.ReadAsync();
        await bus.SendAsync("again");

        await using var unconfirmed = await RabbitBus.StartAsync(rabbit.Server, "", bus.Host);
        Assert.Equal(204, (await unconfirmed.PublishAsync("lost")).Status);
    }

    [Fact]
    public async Task Entries_of_a_bulk_publish_are_confirmed_at_once_and_those_that_fail_are_named()
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, "", component: ("publisherConfirm", "true"));
        await bus.TapAsync(arguments: Full(400));
        var entries = Enumerable.Range(0, 500).Select(i => new
        {
            entryId = $"{i}", contentType = "application/json", @event = new { i },
            metadata = new Dictionary<string, string> { ["routingKey"] = "k", ["cloudevent.id"] = $"{i}" },
        });
        var answer = await bus.Sidecar.CallAsync(
            "POST", $"/v1.0/publish/bulk/pubsub/{RabbitBus.Topic}", JsonSerializer.Serialize(entries));

        Assert.Equal(500, answer.Status);
        var failed = JsonElement.Parse(answer.Body).GetProperty("failedEntries").EnumerateArray()
            .Select(e => e.GetProperty("entryId").GetString()!).ToHashSet();
        var kept = (await bus.ReadAsync(500 - failed.Count)).Select(
            m => JsonElement.Parse(m.GetProperty("payload").GetString()!).GetProperty("id").GetString()!).ToHashSet();
        Assert.InRange(failed.Count, 1, 100);
        Assert.Equal(500, kept.Union(failed).Count());
        Assert.Empty(kept.Intersect(failed));
    }

    [Fact]
    public async Task A_topic_whose_exchange_is_of_another_kind_is_an_error_that_says_what_to_do_and_hits_no_other()
    {
        await using var bus = await RabbitBus.StartAsync(rabbit.Server, "", component: ("exchangeKind", "fanout"));
        await rabbit.Server.SendAsync(
            HttpMethod.Put, $"exchanges/{bus.Host}/other", new { type = "topic", durable = true });

        var refused = await bus.PublishAsync(topic: "other");
        Assert.Equal(500, refused.Status);
        Assert.Contains("exchange 'other'", refused.Body, StringComparison.Ordinal);
        Assert.Contains("delete it there", refused.Body, StringComparison.Ordinal);
        await bus.SendAsync();
        await rabbit.Server.SendAsync(HttpMethod.Delete, $"exchanges/{bus.Host}/other");
        Assert.Equal(204, (await bus.PublishAsync(topic: "other")).Status);
    }

    static Dictionary<string, object> Full(int length) =>
        new() { ["x-max-length"] = length, ["x-overflow"] = "reject-publish" };

    static string Properties(JsonElement message) => JsonSerializer.Serialize(new SortedDictionary<string, string>(
        message.GetProperty("properties").EnumerateObject().Where(p => p.Value.ToString() != "{}")
            .ToDictionary(p => p.Name, p => p.Value.ToString()), StringComparer.Ordinal));
}
