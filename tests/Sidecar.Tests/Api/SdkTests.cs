using System.Net.Http.Json;
using CloudPhone.Sidecar.Tests.Testing;
using Dapr.Client;

namespace CloudPhone.Sidecar.Tests.Api;

/// <summary>The real SDK against the sidecar.</summary>
public sealed class SdkTests
{
    static DaprClient Client(TestSidecar sidecar) =>
        new DaprClientBuilder().UseHttpEndpoint(sidecar.HttpEndpoint).UseGrpcEndpoint(sidecar.GrpcEndpoint).Build();

    [Fact]
    public async Task The_sdk_calls_a_service()
    {
        await using var pair = await Pair.StartAsync();
        pair.App.On("/api/devices", """{"id":7}""");
        using var http = DaprClient.CreateInvokeHttpClient("device-service", pair.Caller.HttpEndpoint);

        var answer = await http.PostAsJsonAsync("/api/devices?x=1", new { name = "p" });

        Assert.Equal("""{"id":7}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(("/api/devices", "?x=1", """{"name":"p"}""", "api-gateway"),
            (pair.Last.Path, pair.Last.Query, pair.Last.Body, pair.Last.Headers["dapr-caller-app-id"]));
    }

    [Fact]
    public async Task The_sdks_handler_takes_the_app_from_the_host()
    {
        await using var pair = await Pair.StartAsync();
        using var http = new HttpClient(new InvocationHandler
        {
            DaprEndpoint = pair.Caller.HttpEndpoint,
            InnerHandler = new SocketsHttpHandler(),
        });

        await http.GetAsync("http://device-service/api/devices/1");

        Assert.Equal("/api/devices/1", pair.Last.Path);
    }

    [Fact]
    public async Task The_sdk_asks_for_health()
    {
        var port = FreePort.Next();
        await using var sidecar = await TestSidecar.StartAsync(
            "device-service", with: o => o with { AppPort = port }, wait: false);
        using var client = Client(sidecar);

        Assert.False(await client.CheckHealthAsync());
        Assert.True(await client.CheckOutboundHealthAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await client.WaitForSidecarAsync(limit.Token);
        await using var app = await RecordingApp.StartAsync(port: port);
        await Wait.UntilAsync("health", async () => await client.CheckHealthAsync());
    }
}
