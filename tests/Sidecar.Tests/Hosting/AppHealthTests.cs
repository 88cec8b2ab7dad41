using CloudPhone.Sidecar.Tests.Actors;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Hosting;

public sealed class AppHealthTests
{
    [Fact]
    public async Task An_ill_app_gets_no_calls_until_it_is_well_again()
    {
        await using var pair = await Pair.StartAsync(callee: o => o with
        {
            EnableAppHealthCheck = true,
            AppHealthCheckPath = "/health/ready",
            AppHealthThreshold = 2,
            AppApiToken = "out",
            AppHealthProbeInterval = TimeSpan.FromMilliseconds(50),
            AppHealthProbeTimeout = TimeSpan.FromMilliseconds(500),
        });
        var probe = (await pair.App.WaitAsync("/health/ready", 2))[0];
        Assert.Equal(("GET", "", "out"), (probe.Method, probe.Body, probe.Headers["dapr-api-token"]));
        await Wait.UntilAsync("well", async () => (await pair.InvokeAsync("GET", "x")).Status == 200);

        pair.App.On("/health/ready", 503);
        await Wait.UntilAsync("ill", async () => (await pair.InvokeAsync("GET", "x")).Status == 500);
        var before = pair.App.Requests("/x").Count;
        var answer = await pair.InvokeAsync("GET", "x");
        Assert.Equal("failed to invoke, id: device-service, err: "
            + "rpc error: code = Internal desc = error invoking app channel: "
            + "rpc error: code = Internal desc = app is not in a healthy state", answer.Message);
        Assert.Equal(before, pair.App.Requests("/x").Count);
        Assert.Equal(204, (await pair.Callee.GetAsync("/v1.0/healthz")).Status);

        pair.App.On("/health/ready", 200);
        await Wait.UntilAsync("well again", async () => (await pair.InvokeAsync("GET", "x")).Status == 200);
        Assert.Single(pair.App.Requests("/dapr/config"));
    }

    [Fact]
    public async Task An_app_that_failed_while_it_was_asked_for_its_actors_is_asked_again()
    {
        await using var app = await RecordingApp.StartAsync();
        app.On("/dapr/config", 503, ActorSidecar.Config);
        await using var sidecar = await TestSidecar.StartAsync("device-service", app, [ActorSidecar.Store()],
            with: o => o with
            {
                InternalListenAddress = "127.0.0.1",
                EnableAppHealthCheck = true,
                AppHealthProbeInterval = TimeSpan.FromMilliseconds(50),
            });

        await Wait.UntilAsync("an actor", async () =>
            (await sidecar.CallAsync("PUT", $"{ActorSidecar.Base}/1/method/x")).Status == 200);
    }

    [Fact]
    public async Task An_app_whose_process_has_ended_counts_as_ill_before_its_checks_say_so()
    {
        await using var app = await RecordingApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync("device-service", app, with: o => o with
        {
            EnableAppHealthCheck = true,
            AppHealthThreshold = 1_000_000,
            AppHealthProbeInterval = TimeSpan.FromMilliseconds(50),
        });
        async Task<bool> IsWellAsync() => (await sidecar.InvokeAsync("device-service", "GET", "x")).Status == 200;
        await Wait.UntilAsync("well", IsWellAsync);

        app.On("/healthz", 503);
        sidecar.AppEnded();
        await Wait.UntilAsync("ill", async () => !await IsWellAsync());

        app.On("/healthz", 200);
        await Wait.UntilAsync("well again", IsWellAsync);
    }

    [Fact]
    public async Task One_failed_check_below_the_threshold_changes_nothing()
    {
        await using var app = await RecordingApp.StartAsync();
        app.On("/healthz", 200, 503, 200, 503, 200);
        await using var sidecar = await TestSidecar.StartAsync("device-service", app, with: o => o with
        {
            EnableAppHealthCheck = true,
            AppHealthThreshold = 2,
            AppHealthProbeInterval = TimeSpan.FromMilliseconds(50),
        });
        await Wait.UntilAsync("well",
            async () => (await sidecar.InvokeAsync("device-service", "GET", "x")).Status == 200);

        while (app.Requests("/healthz").Count < 6)
            Assert.Equal(200, (await sidecar.InvokeAsync("device-service", "GET", "x")).Status);
    }
}
