namespace CloudPhone.Sidecar.Tests.PubSub;

public sealed class TraceTests
{
    const string Given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const string Own = "&metadata.cloudevent.traceparent=" + Given + "&metadata.cloudevent.traceid=" + Given
        + "&metadata.cloudevent.tracestate=cloudphone%3Dr1";

    [Theory]
    [InlineData("1", "header", "other span", "other span")]
    [InlineData("1", "metadata", "as given", "other span")]
    [InlineData("1", "ready", "another", "another")]
    [InlineData("1", "bulk header", "other span", "other span")]
    [InlineData("1", "bulk metadata", "as given", "other span")]
    [InlineData("1", "bulk ready", "another", "another")]
    [InlineData("0", "header", "none", "none")]
    [InlineData("0", "metadata", "as given", "none")]
    [InlineData("0", "ready", "none", "none")]
    [InlineData("0", "bulk header", "another", "none")]
    [InlineData("0", "bulk metadata", "as given", "none")]
    [InlineData("0", "bulk ready", "another", "none")]
    [InlineData(null, "header", "as given", "as given")]
    [InlineData(null, "metadata", "as given", "as given")]
    [InlineData(null, "ready", "none", "none")]
    [InlineData(null, "bulk header", "as given", "as given")]
    [InlineData(null, "bulk metadata", "as given", "as given")]
    [InlineData(null, "bulk ready", "none", "none")]
    public async Task An_event_carries_the_trace_that_the_runtime_gives_it(
        string? rate, string how, string envelope, string header)
    {
        await using var bus = await Bus.StartAsync(config: rate is null ? null : $"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: c
            spec:
              tracing:
                samplingRate: "{rate}"
            """);
        Assert.Equal(204, await PublishAsync(bus, how));

        var request = (await bus.App.WaitAsync(Bus.Created))[0];
        var e = (await bus.EventsAsync(Bus.Created))[0];
        Assert.Equal(envelope, Kind(e.GetProperty("traceparent").GetString()));
        Assert.Equal(envelope, Kind(e.GetProperty("traceid").GetString()));
        Assert.Equal(header, Kind(request.Headers.GetValueOrDefault("traceparent")));
        Assert.Equal(
            how.EndsWith("metadata", StringComparison.Ordinal) ? "cloudphone=r1" : "",
            e.GetProperty("tracestate").GetString());
        Assert.False(request.Headers.ContainsKey("tracestate"));
    }

    static async Task<int> PublishAsync(Bus bus, string how)
    {
        const string query = "?metadata.routingKey=device.created&metadata.cloudevent.type=device.created";
        const string ready = $$"""
            {"specversion":"1.0","id":"1","source":"s","type":"device.created","traceparent":"{{Given}}","data":1}
            """;
        (string, string)[] header = how.EndsWith("header", StringComparison.Ordinal) ? [("traceparent", Given)] : [];
        var answer = how switch
        {
            "header" => await bus.PublishAsync("{}", query, header),
            "metadata" => await bus.PublishAsync("{}", query + Own),
            "ready" => await bus.PublishAsync(ready, query, ("content-type", "application/cloudevents+json")),
            _ => await bus.Sidecar.CallAsync(
                "POST", $"/v1.0/publish/bulk/pubsub/{Bus.Topic}{query}{(how == "bulk metadata" ? Own : "")}",
                how == "bulk ready"
                    ? Entry(ready, "application/cloudevents+json")
                    : Entry("1", "application/json"),
                headers: header),
        };
        return answer.Status;
    }

    static string Entry(string data, string contentType) =>
        $$"""[{"entryId":"1","event":{{data}},"contentType":"{{contentType}}","metadata":{"x":"y"} }]""";

    static string Kind(string? traceParent) => traceParent switch
    {
        null or "" => "none",
        Given => "as given",
        _ when traceParent[3..35] == Given[3..35] => "other span",
        _ => "another",
    };
}
