using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Bindings;

public class CronBindingTests
{
    [Fact]
    public async Task As_recorded_on_the_runtime()
    {
        await using var app = await RecordingApp.StartAsync();
        app.On("/never", 404);
        app.On("/only-post", 405);
        await using var sidecar = await TestSidecar.StartAsync("scheduler-service", app, [
            TestSidecar.Component("tick", "bindings.cron", ("schedule", "@every 1s"), ("direction", "input")),
            TestSidecar.Component("never", "bindings.cron", ("schedule", "@every 1s")),
            TestSidecar.Component("output", "bindings.cron", ("schedule", "@every 1s"), ("direction", "output")),
            TestSidecar.Component("only-post", "bindings.cron", ("schedule", "@every 1s")),
            TestSidecar.Component("routed", "bindings.cron", ("schedule", "*/1 * * * * *"), ("route", "/jobs/sweep"))]);
        await app.WaitAsync("/tick", 2);
        await Wait.UntilAsync("the routed ticks", () => app.Requests("/jobs/sweep", "POST").Count >= 2);
        await Wait.UntilAsync(
            "the ticks of a route without OPTIONS", () => app.Requests("/only-post", "POST").Count >= 1);
        Assert.Equal(
            ["/jobs/sweep", "/never", "/only-post"], app.Requests(method: "OPTIONS").Select(r => r.Path).Order());
        Assert.Empty(app.Requests("/never", "POST"));
        Assert.Empty(app.Requests("/output"));
        var tick = app.Requests("/tick")[0];
        Assert.Equal(("POST", "", "application/json", "Local"),
            (tick.Method, tick.Body, tick.Headers["content-type"], tick.Headers["timezone"]));
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC$", tick.Headers["readtimeutc"]);
    }

    [Fact]
    public async Task A_failed_tick_is_repeated_by_the_inbound_policy_alone()
    {
        await using var app = await RecordingApp.StartAsync();
        app.On("/yearly", 200, 500, 503, 200);
        app.On("/once", 200, 500);
        await using var sidecar = await TestSidecar.StartAsync("scheduler-service", app, [
            TestSidecar.Component("yearly", "bindings.cron", ("schedule", "@every 2s")),
            TestSidecar.Component("once", "bindings.cron", ("schedule", "@every 2s")), """
                apiVersion: dapr.io/v1alpha1
                kind: Resiliency
                metadata: {name: r}
                spec:
                  policies: {retries: {r: {duration: 10ms, maxRetries: 5}}}
                  targets: {components: {yearly: {inbound: {retry: r}}}}
                """]);
        await Wait.UntilAsync("the tick and its repetitions", () => app.Requests("/yearly", "POST").Count >= 3);
        var at = app.Requests("/yearly", "POST").Select(r => r.At).ToList();
        Assert.InRange(at[2] - at[0], TimeSpan.Zero, TimeSpan.FromSeconds(1.9));
        await Wait.UntilAsync("the tick without a policy", () => app.Requests("/once", "POST").Count >= 1);
        var once = app.Requests("/once", "POST").Select(r => r.At).ToList();
        Assert.True(once.Count == 1 || once[1] - once[0] > TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_wrong_schedule_ends_the_sidecar()
    {
        var error = await Assert.ThrowsAsync<CloudPhone.Sidecar.Hosting.ConfigurationException>(() =>
            TestSidecar.StartAsync(
                "a", resources: [TestSidecar.Component("tick", "bindings.cron", ("schedule", "now and then"))]));
        Assert.Contains("component 'tick': spec.metadata 'schedule' 'now and then' is no schedule: ", error.Message);
    }

    [Fact]
    public async Task A_wrong_direction_ends_the_sidecar()
    {
        var error = await Assert.ThrowsAsync<CloudPhone.Sidecar.Hosting.ConfigurationException>(
            () => TestSidecar.StartAsync("a", resources:
                [TestSidecar.Component("tick", "bindings.cron", ("schedule", "@hourly"), ("direction", "in"))]));
        Assert.EndsWith("spec.metadata 'direction' must be input, output or both, not 'in'.", error.Message);
    }
}
