using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.PubSub;

public sealed class AppLifeTests
{
    const string Patient = """
          policies:
            retries:
              event: {policy: constant, duration: 200ms, maxRetries: 200}
          targets:
            components:
              pubsub:
                inbound: {retry: event}
        """;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Events_wait_while_the_app_is_ill_also_those_in_hand_and_come_when_it_is_well(string requeue)
    {
        await using var bus = await Bus.StartAsync(
            resiliency: Patient, component: ("requeueInFailure", requeue), with: WithHealthCheck);
        await PublishUntilAsync(bus.Sidecar, bus.App);
        bus.App.On(Bus.Created, 500);
        for (var i = 0; i < 5; i++)
            await bus.SendAsync(id: $"in-hand-{i}");
        await Wait.UntilAsync("five in hand", async () => await SentAsync(0) == 5);
        bus.App.On("/health/ready", 503);
        await bus.App.WaitAsync("/health/ready", bus.App.Requests("/health/ready").Count + 3);
        await Wait.UntilAsync("quiet", async () =>
        {
            var before = bus.App.Requests(Bus.Created).Count;
            await bus.App.WaitAsync("/health/ready", bus.App.Requests("/health/ready").Count + 5);
            return before == bus.App.Requests(Bus.Created).Count;
        });
        await bus.SendAsync(id: "meanwhile");
        var tries = bus.App.Requests(Bus.Created).Count; // before it takes any: one that is late may come meanwhile
        bus.App.On(Bus.Created, 200);
        bus.App.On("/health/ready", 200);

        await Wait.UntilAsync("all six", async () => await SentAsync(tries) == 6);
        Assert.Empty(bus.App.Requests(Bus.Dead));

        async Task<int> SentAsync(int after) => (await bus.EventsAsync(Bus.Created)).Skip(after)
            .Select(e => e.GetProperty("id").GetString()!).Distinct()
            .Count(id => id == "meanwhile" || id.StartsWith("in-hand", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(500, 1)]
    public async Task A_sidecar_that_ends_lets_the_app_answer_and_an_event_that_failed_waits_for_the_next_one(
        int answer, int more)
    {
        await using var bus = await Bus.StartAsync();
        bus.App.On(Bus.Created, new Reply(answer, Delay: TimeSpan.FromSeconds(1)), 200);
        await bus.SendAsync(id: "slow");
        await bus.App.WaitAsync(Bus.Created);
        await bus.Sidecar.StopAsync();

        await bus.RestartAsync();
        await bus.PublishAsync("{}", "?metadata.routingKey=device.created");
        await bus.App.WaitAsync(Bus.Other);
        await bus.App.WaitAsync(Bus.Created, 1 + more);
        Assert.Equal(1 + more, bus.App.Requests(Bus.Created).Count);
        Assert.Empty(bus.App.Requests(Bus.Dead));
    }

    [Fact]
    public async Task An_app_that_failed_while_it_was_asked_for_its_subscriptions_is_asked_again()
    {
        var list = $"[{Bus.Subscription()}]";
        await using var app = await RecordingApp.StartAsync(subscribe: list);
        app.On("/dapr/subscribe", 503, list);
        app.On("/health/ready", 200);
        await using var sidecar = await StartAsync(app);

        await app.WaitAsync("/dapr/subscribe", 2);
        await PublishUntilAsync(sidecar, app);
    }

    [Fact]
    public async Task An_app_that_died_while_it_was_asked_is_asked_again_once_it_is_back()
    {
        var list = $"[{Bus.Subscription()}]";
        var first = await RecordingApp.StartAsync(subscribe: list);
        first.On("/health/ready", 200);
        first.On("/dapr/config", new Reply(200, Delay: TimeSpan.FromSeconds(1)));
        await using var sidecar = await StartAsync(first);
        var port = first.Port;
        await first.WaitAsync("/dapr/config");
        await first.DisposeAsync();
        await Wait.UntilAsync("ill", async () => (await sidecar.InvokeAsync(Bus.AppId, "GET", "x")).Status == 500);

        await using var second = await RecordingApp.StartAsync(subscribe: list, port: port);
        second.On("/health/ready", 200);
        await second.WaitAsync("/dapr/config");
        await PublishUntilAsync(sidecar, second);
    }

    static Task<TestSidecar> StartAsync(RecordingApp app)
    {
        var folder = Directory.CreateTempSubdirectory("cloudphone-test-").FullName;
        return TestSidecar.StartAsync(Bus.AppId, app,
            [Bus.Embedded("pubsub", folder), Bus.Embedded("deadletters", folder)], with: WithHealthCheck, wait: false);
    }

    /// <summary>Whatever is published before the subscription is there finds no queue.</summary>
    static Task PublishUntilAsync(TestSidecar sidecar, RecordingApp app) =>
        Wait.UntilAsync("an event", async () =>
        {
            await sidecar.CallAsync("POST",
                $"/v1.0/publish/pubsub/{Bus.Topic}?metadata.routingKey=device.created", "{}");
            return app.Requests().Any(r => r.Path.StartsWith("/events", StringComparison.Ordinal));
        }, every: 0.2);

    static SidecarOptions WithHealthCheck(SidecarOptions options) => options with
    {
        EnableAppHealthCheck = true,
        AppHealthCheckPath = "/health/ready",
        AppHealthThreshold = 2,
        AppHealthProbeInterval = TimeSpan.FromMilliseconds(100),
        AppHealthProbeTimeout = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public async Task An_event_that_the_app_works_on_longer_than_the_grace_comes_again()
    {
        await using var bus = await Bus.StartAsync(
            with: o => o with { GracefulShutdown = TimeSpan.FromMilliseconds(200) });
        bus.App.On(Bus.Created, new Reply(200, Delay: TimeSpan.FromSeconds(3)), 200);
        await bus.SendAsync(id: "slow");
        await bus.App.WaitAsync(Bus.Created);
        await bus.Sidecar.StopAsync();

        await bus.RestartAsync();
        await bus.App.WaitAsync(Bus.Created, 2);
    }
}
