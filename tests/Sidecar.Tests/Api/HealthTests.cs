using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Api;

public sealed class HealthTests
{
    [Fact]
    public async Task Outbound_health_does_not_wait_for_the_app_and_health_does()
    {
        var port = FreePort.Next();
        await using var sidecar = await TestSidecar.StartAsync(
            "device-service", with: o => o with { AppPort = port }, wait: false);

        var before = await sidecar.GetAsync("/v1.0/healthz");
        Assert.Equal(500, before.Status);
        Assert.Equal("application/json", before.Headers["content-type"]);
        Assert.Equal("""{"errorCode":"ERR_HEALTH_NOT_READY","message":"dapr is not ready: [runtime]"}""", before.Body);
        Assert.Equal(204, (await sidecar.GetAsync("/v1.0/healthz/outbound")).Status);

        await using (var app = await RecordingApp.StartAsync(port: port))
        {
            await Wait.UntilAsync("health", async () => (await sidecar.GetAsync("/v1.0/healthz")).Status == 204);
            Assert.Equal(204, (await sidecar.GetAsync("/v1.0/healthz/outbound")).Status);
            Assert.Equal("/dapr/config", app.Requests()[0].Path);
        }

        Assert.Equal(204, (await sidecar.GetAsync("/v1.0/healthz")).Status);
    }

    [Fact]
    public async Task Health_checks_an_app_id_that_the_caller_gives()
    {
        await using var sidecar = await TestSidecar.StartAsync("device-service");

        Assert.Equal(204, (await sidecar.GetAsync("/v1.0/healthz?appid=device-service")).Status);
        var other = await sidecar.GetAsync("/v1.0/healthz?appid=other");
        Assert.Equal(500, other.Status);
        Assert.Equal(
            """{"errorCode":"ERR_HEALTH_APPID_NOT_MATCH","message":"dapr app-id does not match"}""", other.Body);
    }
}
