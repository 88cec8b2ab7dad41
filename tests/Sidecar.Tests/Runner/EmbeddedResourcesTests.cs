using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Tests.Runner;

/// <summary>The components and policies of the embedded platform, through the strict loader.</summary>
public class EmbeddedResourcesTests
{
    static readonly string[] Services =
        ["user-service", "device-service", "app-service", "scheduler-service", "billing-service",
            "notification-service", "media-service"];

    static LoadedResources Load(string appId) => ResourceLoader.Load(new()
    {
        AppId = appId,
        ResourcesPaths =
        [
            Path.Combine(Repository.Root, "components", "embedded"),
            Path.Combine(Repository.Root, "dapr-config", "resiliency"),
        ],
        ConfigPath = Path.Combine(Repository.Root, "dapr-config", "embedded", "config.yaml"),
        Environment = new Dictionary<string, string>
        {
            ["CLOUDPHONE_PUBSUB_FILE"] = "p.db",
            ["CLOUDPHONE_STATE_FILE"] = "s.db",
            ["APP_FILES"] = "apps",
        },
    });

    [Fact]
    public void Every_app_has_its_components_and_traces()
    {
        foreach (var app in (string[])["api-gateway", .. Services])
        {
            var loaded = Load(app);
            string[] own = app switch
            {
                "user-service" => ["reconcile-quotas", "statestore"],
                "device-service" => ["check-phones", "statestore"],
                "app-service" => ["appstore"],
                _ => [],
            };
            Assert.Equal(
                ((string[])["pubsub", "secrets", .. own]).Order(), loaded.Components.Select(c => c.Name).Order());
            Assert.Equal(1, loaded.Configuration.Tracing.SamplingRate);
            Assert.Empty(loaded.Warnings);
        }
    }

    [Fact]
    public void Breakers_stand_between_services_and_never_before_the_gateway_or_events()
    {
        foreach (var app in Services)
        {
            var policies = Assert.Single(Load(app).Resiliency);
            Assert.Equal([.. Services.SelectMany(s => (string[])[s, $"{s}.default"]).Order()],
                policies.Apps.Keys.Order());
            Assert.All(policies.Apps.Values, t => Assert.NotNull(t.CircuitBreaker));
            var inbound = policies.Components["pubsub"].Inbound!;
            Assert.Null(inbound.CircuitBreaker);
            Assert.InRange(policies.Retries[inbound.Retry!].MaxRetries, 1, 20);
            Assert.NotNull(inbound.Timeout);
        }
        var gateway = Assert.Single(Load("api-gateway").Resiliency);
        Assert.Equal([.. Services.SelectMany(s => (string[])[s, $"{s}.default"]).Order()], gateway.Apps.Keys.Order());
        Assert.All(gateway.Apps.Values, t => Assert.Null(t.CircuitBreaker));
        Assert.Null(gateway.Apps["app-service.default"].Retry);
    }
}
