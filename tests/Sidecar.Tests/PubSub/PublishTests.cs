using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.PubSub;

public sealed class PublishTests : IAsyncLifetime
{
    const string Path = "/events/other";

    Bus _bus = null!;

    public async ValueTask InitializeAsync() => _bus = await Bus.StartAsync(Bus.Subscription("#", []));

    public ValueTask DisposeAsync() => _bus.DisposeAsync();

    [Theory]
    [InlineData("""{"a":1}""", "application/json", "data", """{"a":1}""")]
    [InlineData("\"text\"", "application/json", "data", "\"text\"")]
    [InlineData("12345678901234567890.123", "application/json; charset=utf-8", "data", "12345678901234567890.123")]
    [InlineData("null", "application/json", "data", "null")]
    [InlineData("{", "application/json", "data", "\"{\"")]
    [InlineData("1 2", "application/json", "data", "\"1 2\"")]
    [InlineData("", "application/json", "data", "\"\"")]
    [InlineData("hello", "text/plain", "data", "\"hello\"")]
    [InlineData("ab", "application/octet-stream", "data_base64", "\"YWI=\"")]
    public async Task The_envelope_holds_the_data_as_its_content_type_says(
        string body, string contentType, string field, string value)
    {
        Assert.Equal(204, (await _bus.PublishAsync(body, headers: ("content-type", contentType))).Status);

        var e = (await _bus.EventsAsync(Path))[0];
        Assert.Equal(value, e.GetProperty(field).GetRawText());
        Assert.Equal(contentType, e.GetProperty("datacontenttype").GetString());
        Assert.Equal(
            [
                "datacontenttype", field, "id", "pubsubname", "source", "specversion", "time", "topic", "traceid",
                "traceparent", "tracestate", "type",
            ],
            Fields(e, field));
        Assert.True(Guid.TryParse(Text(e, "id"), out _));
        Assert.Equal("1.0", Text(e, "specversion"));
        Assert.Equal(Bus.AppId, Text(e, "source"));
        Assert.Equal("com.dapr.event.sent", Text(e, "type"));
        Assert.Equal(Bus.Topic, Text(e, "topic"));
        Assert.Equal("pubsub", Text(e, "pubsubname"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", Text(e, "time"));
        Assert.Equal("", Text(e, "traceid") + Text(e, "traceparent") + Text(e, "tracestate"));
    }

    [Fact]
    public async Task Metadata_set_single_fields()
    {
        await _bus.PublishAsync("{}",
            "?metadata.cloudevent.type=t&metadata.cloudevent.id=i&metadata.cloudevent.source=s"
            + "&metadata.Cloudevent.Subject=sub&metadata.cloudevent.requestid=r&metadata.cloudevent.topic=x");

        var e = (await _bus.EventsAsync(Path))[0];
        Assert.Equal(("t", "i", "s", "sub", Bus.Topic),
            (Text(e, "type"), Text(e, "id"), Text(e, "source"), Text(e, "subject"), Text(e, "topic")));
        Assert.False(e.TryGetProperty("requestid", out _));
    }

    [Fact]
    public async Task A_ready_event_keeps_its_fields_and_is_completed()
    {
        (string, string) type = ("content-type", "application/cloudevents+json");
        const string given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await _bus.PublishAsync($$$"""
            {"specversion":"1.0","id":"i2","source":"s","type":"t","data":{"a":1},"requestid":"r9",
             "topic":"x","traceparent":"{{{given}}}"}
            """, "?metadata.cloudevent.type=ignored", type);
        await _bus.PublishAsync("""{"data":{"a":1}}""", headers: type);

        var events = await _bus.EventsAsync(Path, 2);
        var full = events.Single(e => e.TryGetProperty("requestid", out _));
        Assert.Equal(("i2", "s", "t"), (Text(full, "id"), Text(full, "source"), Text(full, "type")));
        Assert.Equal(("r9", Bus.Topic, ""), (Text(full, "requestid"), Text(full, "topic"), Text(full, "traceparent")));
        Assert.False(full.TryGetProperty("datacontenttype", out _));
        var bare = events.Single(e => !e.TryGetProperty("requestid", out _));
        Assert.Equal(
            ("Dapr", "com.dapr.event.sent", "1.0"),
            (Text(bare, "source"), Text(bare, "type"), Text(bare, "specversion")));
        Assert.False(bare.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task What_claims_to_be_an_event_and_is_none_is_refused()
    {
        var answer = await _bus.PublishAsync("[1]", headers: ("content-type", "application/cloudevents+json"));

        Assert.Equal((500, "ERR_PUBSUB_CLOUD_EVENTS_SER"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task A_raw_payload_has_no_envelope()
    {
        await _bus.PublishAsync("""{"a":1}""", "?metadata.rawPayload=true");

        Assert.Equal("""{"a":1}""", (await _bus.App.WaitAsync(Path))[0].Body);
        var wrong = await _bus.PublishAsync("{}", "?metadata.rawPayload=maybe");
        Assert.Equal((400, "ERR_PUBSUB_REQUEST_METADATA"), (wrong.Status, wrong.ErrorCode));
        Assert.Equal(
            "failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is 'maybe'",
            wrong.Message);
    }

    [Fact]
    public async Task A_topic_may_have_slashes_PUT_is_POST_and_a_lifetime_that_is_no_number_is_none()
    {
        Assert.Equal(204, (await _bus.Sidecar.CallAsync("PUT", "/v1.0/publish/pubsub/a/b", "{}")).Status);
        Assert.Equal(204, (await _bus.PublishAsync("{}", "?metadata.ttlInSeconds=x")).Status);
        Assert.Equal(Bus.Topic, Text((await _bus.EventsAsync(Path))[0], "topic"));
    }

    [Theory]
    [InlineData("nope/t", 404, "ERR_PUBSUB_NOT_FOUND", "pubsub nope is not found")]
    [InlineData("bulk/nope/t", 404, "ERR_PUBSUB_NOT_FOUND", "pubsub nope is not found")]
    public async Task An_unknown_component_is_named(string target, int status, string code, string message)
    {
        var answer = await _bus.Sidecar.CallAsync("POST", $"/v1.0/publish/{target}", "[]");

        Assert.Equal((status, code, message), (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Fact]
    public async Task Entries_of_a_bulk_have_metadata_of_their_own_and_take_the_requests_only_beside_them()
    {
        var answer = await BulkAsync("?metadata.routingKey=device.created&metadata.cloudevent.source=s", """
            [{"entryId":"1","event":{"a":1},"contentType":"application/json",
              "metadata":{"cloudevent.id":"b1","cloudevent.type":"t"}},
             {"entryId":"2","event":"text","contentType":"text/plain"},
             {"entryId":"3","event":"YWI=","contentType":"application/octet-stream"}]
            """);
        Assert.Equal((204, ""), (answer.Status, answer.Body));

        var events = await _bus.EventsAsync(Path, 3);
        var json = events.Single(e => Text(e, "datacontenttype") == "application/json");
        Assert.Equal(("b1", "t", "s"), (Text(json, "id"), Text(json, "type"), Text(json, "source")));
        Assert.Equal("""{"a":1}""", json.GetProperty("data").GetRawText());
        var text = events.Single(e => Text(e, "datacontenttype") == "text/plain");
        Assert.Equal(("text", Bus.AppId), (Text(text, "data"), Text(text, "source")));
        Assert.Contains(events, e => e.TryGetProperty("data_base64", out var d) && d.GetString() == "YWI=");
        Assert.Equal(
            204, (await _bus.Sidecar.CallAsync("POST", $"/v1.0-alpha1/publish/bulk/pubsub/{Bus.Topic}", "[]")).Status);
    }

    [Theory]
    [InlineData("""[{"event":1,"contentType":"application/json"}]""")]
    [InlineData("""[{"entryId":"1","event":"a","contentType":"text/plain"},{"entryId":"1","event":"b"}]""")]
    [InlineData("""[{"entryId":"1","event":{"a":1},"contentType":"text/plain"}]""")]
    [InlineData("""[{"entryId":"1","event":"%","contentType":"application/octet-stream"}]""")]
    [InlineData("{")]
    public async Task A_wrong_bulk_publishes_nothing(string body)
    {
        var answer = await BulkAsync("", body);

        Assert.Equal((400, "ERR_PUBSUB_EVENTS_SER"), (answer.Status, answer.ErrorCode));
        await _bus.SendAsync();
        Assert.Equal("1", Text((await _bus.EventsAsync(Path))[0], "id"));
    }

    Task<Answer> BulkAsync(string query, string body) =>
        _bus.Sidecar.CallAsync("POST", $"/v1.0/publish/bulk/pubsub/{Bus.Topic}{query}", body);

    static string? Text(JsonElement e, string field) => e.GetProperty(field).GetString();

    static IEnumerable<string> Fields(JsonElement e, string data) =>
        e.EnumerateObject().Select(p => p.Name)
            .OrderBy(n => n == data ? "datacontenttype_" : n, StringComparer.Ordinal);
}
