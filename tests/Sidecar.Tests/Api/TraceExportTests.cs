using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Api;

public sealed class TraceExportTests
{
    [Fact]
    public async Task Spans_go_to_the_collector_of_the_configuration()
    {
        await using var collector = await RecordingApp.StartAsync();
        await using (var pair = await Pair.StartAsync(config: $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: c
            spec:
              tracing:
                samplingRate: "1"
                otel: {endpointAddress: "127.0.0.1:{{collector.Port}}", protocol: http, isSecure: false}
            """))
        {
            await pair.InvokeAsync("GET", "x");
            Assert.Contains("traceparent", pair.Last.Headers.Keys);
        }

        var spans = await collector.WaitAsync("/v1/traces");
        Assert.Contains(spans, s => s.Body.Contains("CallLocal/device-service/x") && s.Body.Contains("api-gateway"));
    }
}
