using System.Text.Json;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.NameResolution.Consul;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Tests.Runner;

/// <summary>The specification's figures, in the files that daprd and the broker are given.</summary>
public class ShippedFiguresTests
{
    static readonly string[] Apps =
        ["api-gateway", "user-service", "device-service", "app-service", "scheduler-service", "billing-service",
            "notification-service", "media-service"];

    static LoadedResources Load(string appId) => ResourceLoader.Load(Options(appId));

    static SidecarOptions Options(string appId) => new()
    {
        AppId = appId, AppPort = 30001, HttpPort = 31001, InternalGrpcPort = 31201,
        ResourcesPaths = [Path.Combine(Repository.Root, "dapr-config", "resiliency")],
        ConfigPath = Path.Combine(Repository.Root, "dapr-config", "config.yaml"),
        Environment = new Dictionary<string, string>
        {
            ["CONSUL_HOST"] = "localhost", ["CONSUL_PORT"] = "8500", ["DAPR_HOST_IP"] = "10.0.0.1",
        },
    };

    [Fact]
    public void Queries_have_5_s_writes_10_s_and_both_3_retries()
    {
        foreach (var app in Apps)
        {
            var policies = Assert.Single(Load(app).Resiliency);
            foreach (var (target, its) in policies.Apps.Where(
                a => !a.Key.StartsWith("app-service", StringComparison.Ordinal))) // files go there
            {
                var seconds = target.EndsWith(".default", StringComparison.Ordinal) ? 10 : 5;
                Assert.Equal(TimeSpan.FromSeconds(seconds), policies.Timeouts[its.Timeout!]);
                Assert.Equal(3, policies.Retries[its.Retry!].MaxRetries);
            }
        }
    }

    /// <summary>A package of 500 MB has no 30 s: each of its parts has less, and is asked for again.</summary>
    [Fact]
    public void Files_go_in_parts_that_are_repeated_and_as_a_whole_only_through_the_gateway()
    {
        var gateway = Assert.Single(Load("api-gateway").Resiliency);
        var whole = gateway.Apps["app-service.default"];
        Assert.Equal((TimeSpan.FromHours(1), null), (gateway.Timeouts[whole.Timeout!], whole.Retry));
        var services = Assert.Single(Load("device-service").Resiliency);
        var (part, store) = (services.Apps["app-service"], services.Components["appstore"].Outbound!);
        Assert.Equal((12, 5), (services.Timeouts[part.Timeout!].TotalSeconds,
            services.Timeouts[store.Timeout!].TotalSeconds));
        Assert.True(services.Retries[part.Retry!].MaxRetries > 0 && services.Retries[store.Retry!].MaxRetries > 0);
    }

    [Fact]
    public void A_breaker_opens_at_half_of_ten_calls_that_failed_for_30_s()
    {
        foreach (var app in Apps[1..])
        {
            var breaker = Assert.Single(Assert.Single(Load(app).Resiliency).CircuitBreakers).Value;
            Assert.Equal((1, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30)),
                (breaker.MaxRequests, breaker.Interval, breaker.Timeout));
            Assert.True(Trips(10, 5));
            Assert.False(Trips(9, 9));
            Assert.False(Trips(20, 9));

            bool Trips(int requests, int failures) => breaker.Trip!.IsTrue(new Dictionary<string, object?>
            {
                ["requests"] = (long)requests, ["totalFailures"] = (long)failures, ["totalSuccesses"] = 0L,
                ["consecutiveSuccesses"] = 0L, ["consecutiveFailures"] = 0L,
            });
        }
    }

    [Fact]
    public void Consul_checks_sidecar_and_app_every_15_s_and_removes_one_whose_sidecar_is_away_for_3_minutes()
    {
        foreach (var app in Apps)
        {
            var settings = Load(app).Configuration.NameResolution!.Map("configuration");
            Assert.True(settings.Flag("useCache"));
            var service = ServiceRegistrationReader.Read(settings, Options(app), "10.0.0.1", "DAPR_PORT")!;
            Assert.Equal(["cloudphone", "dapr"], service.Tags.Order());
            Assert.All(service.Checks, c =>
                Assert.Equal(("15s", "10s", "passing"), (c.Interval, c.Timeout, c.Status)));
            Assert.Equal(
                ["http://10.0.0.1:31001/v1.0/healthz 3m", "http://10.0.0.1:30001/health/ready "],
                service.Checks.Select(c => $"{c.Http} {c.DeregisterCriticalServiceAfter}"));
        }
    }

    [Fact]
    public void Events_are_kept_for_24_hours_10_000_of_them_and_then_are_dead_letters()
    {
        using var definitions = JsonDocument.Parse(File.ReadAllText(
            Path.Combine(Repository.Root, "components", "rabbitmq", "definitions.json")));
        var policies = definitions.RootElement.GetProperty("policies").EnumerateArray()
            .ToDictionary(p => p.GetProperty("name").GetString()!, p => p.GetProperty("definition"));
        foreach (var app in Apps[1..])
        {
            var its = policies[$"{app}.events"];
            Assert.Equal((86_400_000, 10_000), (its.GetProperty("message-ttl").GetInt32(),
                its.GetProperty("max-length").GetInt32()));
            Assert.Matches(@"\Acloudphone\.[a-z]+\.dlx\z", its.GetProperty("dead-letter-exchange").GetString());
        }
    }
}
