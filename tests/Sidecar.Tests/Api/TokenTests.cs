using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Api;

public sealed class TokenTests
{
    [Fact]
    public async Task Every_call_but_health_must_show_the_token_and_the_app_is_shown_its_own()
    {
        await using var app = await RecordingApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(
            "device-service", app, with: o => o with { ApiToken = "in", AppApiToken = "out" });

        var refused = await sidecar.GetAsync("/v1.0/metadata");
        Assert.Equal((401, "invalid api token\n"), (refused.Status, refused.Body));
        Assert.Equal("text/plain; charset=utf-8", refused.Headers["content-type"]);
        Assert.Equal("nosniff", refused.Headers["x-content-type-options"]);
        Assert.Equal(401, await StatusAsync("x"));
        Assert.Equal(401, (await sidecar.InvokeAsync("device-service", "GET", "x")).Status);
        Assert.Equal(401, (await sidecar.CallAsync("POST", "/v1.0/healthz")).Status);

        Assert.Equal(200, await StatusAsync("in"));
        Assert.Equal(204, (await sidecar.GetAsync("/v1.0/healthz")).Status);
        Assert.Equal(204, (await sidecar.GetAsync("/v1.0/healthz/outbound")).Status);
        await sidecar.InvokeAsync("device-service", "GET", "y", null, false, ("dapr-api-token", "in"));
        Assert.All(app.Requests(), r => Assert.Equal("out", r.Headers["dapr-api-token"]));
        Assert.Equal(["/dapr/config", "/y"], app.Requests().Select(r => r.Path).Where(p => p != "/dapr/subscribe"));

        async Task<int> StatusAsync(string token) =>
            (await sidecar.CallAsync("GET", "/v1.0/metadata", null, false, ("dapr-api-token", token))).Status;
    }
}
