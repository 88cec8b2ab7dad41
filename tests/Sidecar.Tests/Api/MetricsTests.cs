using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Api;

public sealed class MetricsTests
{
    [Fact]
    public async Task Calls_are_counted_at_any_path_of_the_metrics_port()
    {
        await using var pair = await Pair.StartAsync();
        await pair.InvokeAsync("GET", "x");
        await pair.InvokeAsync("GET", "x");

        using var request = Answer.Request($"http://127.0.0.1:{pair.Caller.Options.MetricsPort}", "GET", "/anything");
        var answer = await Answer.OfAsync(await pair.Caller.Http.SendAsync(request));

        Assert.StartsWith("text/plain", answer.Headers["content-type"], StringComparison.Ordinal);
        Assert.Contains("# TYPE dapr_http_server_request_count counter", answer.Body, StringComparison.Ordinal);
        Assert.Contains("dapr_runtime_service_invocation_req_sent_total"
            + "{app_id=\"api-gateway\",dst_app_id=\"device-service\",type=\"unary\"} 2\n", answer.Body,
            StringComparison.Ordinal);
        Assert.Contains("dapr_http_server_request_count{app_id=\"api-gateway\",method=\"GET\","
            + "path=\"/v1.0/invoke/{id}/method/{**path}\",status=\"200\"} 2\n", answer.Body, StringComparison.Ordinal);
    }
}
