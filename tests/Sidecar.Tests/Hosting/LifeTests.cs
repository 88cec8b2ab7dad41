using System.Net;
using System.Net.Sockets;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Hosting;

public sealed class LifeTests
{
    [Fact]
    public async Task The_api_can_shut_the_sidecar_down()
    {
        await using var sidecar = await TestSidecar.StartAsync("device-service");

        Assert.Equal(204, (await sidecar.CallAsync("POST", "/v1.0/shutdown")).Status);
        await sidecar.Stopped.WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sidecar.GetAsync("/v1.0/healthz"));
    }

    [Fact]
    public async Task A_call_that_runs_is_finished_before_the_end()
    {
        await using var pair = await Pair.StartAsync();
        pair.App.On("/slow", new Reply(200, "done", TimeSpan.FromSeconds(1)));

        var running = pair.InvokeAsync("GET", "slow");
        await pair.App.WaitAsync("/slow");
        await pair.Caller.StopAsync();

        Assert.Equal((200, "done"), ((await running).Status, (await running).Body));
    }

    [Fact]
    public async Task The_apis_can_outlive_deliveries()
    {
        await using var app = await RecordingApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(
            "device-service", app, with: o => o with { BlockShutdownDuration = TimeSpan.FromSeconds(1.5) });

        var stopping = sidecar.StopAsync();
        Assert.Equal(204, (await sidecar.GetAsync("/v1.0/healthz")).Status);
        Assert.False(stopping.IsCompleted);
        await stopping.WaitAsync(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("http", "--dapr-http-port")]
    [InlineData("grpc", "--dapr-grpc-port")]
    [InlineData("internal", "--dapr-internal-grpc-port")]
    [InlineData("metrics", "--metrics-port")]
    public async Task A_port_in_use_is_named_with_its_flag(string which, string flag)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        SidecarOptions At(SidecarOptions o) => which switch
        {
            "http" => o with { HttpPort = port },
            "grpc" => o with { GrpcPort = port },
            "internal" => o with { InternalGrpcPort = port },
            _ => o with { MetricsPort = port },
        };

        var wrong = await Assert.ThrowsAsync<ConfigurationException>(
            () => TestSidecar.StartAsync("device-service", with: At));

        Assert.Equal(
            $"Port {port} of the sidecar of device-service is in use; choose another with {flag}.", wrong.Message);
    }

    [Fact]
    public async Task Calls_to_the_app_wait_for_a_free_slot()
    {
        await using var pair = await Pair.StartAsync(callee: o => o with { AppMaxConcurrency = 1 });
        pair.App.On("/slow", new Reply(200, "", TimeSpan.FromMilliseconds(300)));

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => pair.InvokeAsync("GET", "slow")));

        var at = pair.App.Requests("/slow").Select(r => r.At).Order().ToArray();
        Assert.All(at.Zip(at.Skip(1)), p => Assert.True(p.Second - p.First > TimeSpan.FromMilliseconds(250)));
    }
}
