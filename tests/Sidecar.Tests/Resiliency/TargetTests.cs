using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Tests.Resiliency;

public class TargetTests
{
    [Fact]
    public async Task Default_policies_reach_only_targets_without_an_entry()
    {
        var rig = new Rig("""
              policies:
                timeouts: {DefaultTimeoutPolicy: 700ms}
                retries:
                  DefaultAppRetryPolicy: {policy: constant, duration: 100ms, maxRetries: 1}
              targets:
                apps:
                  device-service.default: {}
            """);
        Assert.Equal(2, (await rig.AnswerAsync(rig.Policies.ForApp("device-service", "a"), 500)).Attempts);
        var slow = await rig.AnswerSlowlyAsync(rig.Policies.ForApp("device-service", "b"), 1.2);
        Assert.Equal(2, slow.Attempts);
        Assert.IsType<TimeoutException>(slow.Error);
        Assert.Same(PolicyRunner.None, rig.Policies.ForApp("device-service.default", "a"));
        Assert.True(rig.Policies.HasApp("device-service.default"));
        Assert.False(rig.Policies.HasApp("device-service"));
    }

    [Theory]
    [InlineData("DefaultPubsubComponentInboundRetryPolicy", 2, 1, 1)]
    [InlineData("DefaultComponentInboundRetryPolicy", 2, 1, 2)]
    [InlineData("DefaultComponentRetryPolicy", 2, 2, 2)]
    [InlineData("DefaultRetryPolicy", 2, 2, 2)]
    [InlineData("DefaultAppRetryPolicy", 1, 1, 1)]
    public async Task Components_try_the_most_particular_name_first(string name, int inbound, int outbound, int binding)
    {
        var rig = new Rig($"  policies: {{retries: {{{name}: {{duration: 0s, maxRetries: 1}}}}}}");
        Assert.Equal(inbound, await Attempts(rig, "pubsub", ComponentKind.PubSub, Direction.Inbound));
        Assert.Equal(outbound, await Attempts(rig, "pubsub", ComponentKind.PubSub, Direction.Outbound));
        Assert.Equal(binding, await Attempts(rig, "cron", ComponentKind.Binding, Direction.Inbound));
    }

    [Fact]
    public async Task A_component_with_an_entry_for_one_way_has_nothing_on_the_other()
    {
        var rig = new Rig("""
              policies: {retries: {DefaultRetryPolicy: {duration: 0s, maxRetries: 5},
                once: {duration: 0s, maxRetries: 1}}}
              targets: {components: {pubsub: {outbound: {retry: once}}}}
            """);
        Assert.Equal(2, await Attempts(rig, "pubsub", ComponentKind.PubSub, Direction.Outbound));
        Assert.Equal(1, await Attempts(rig, "pubsub", ComponentKind.PubSub, Direction.Inbound));
    }

    [Fact]
    public async Task A_component_has_one_breaker_for_both_ways()
    {
        var rig = new Rig("""
              policies: {circuitBreakers: {cb: {trip: consecutiveFailures > 1}}}
              targets: {components: {pubsub: {outbound: {circuitBreaker: cb}, inbound: {circuitBreaker: cb}}}}
            """);
        Assert.Equal(1, await Attempts(rig, "pubsub", ComponentKind.PubSub, Direction.Outbound));
        Assert.Equal(1, await Attempts(rig, "pubsub", ComponentKind.PubSub, Direction.Inbound));
        Assert.Equal(0, await Attempts(rig, "pubsub", ComponentKind.PubSub, Direction.Outbound));
    }

    [Theory]
    [InlineData("type", 0)]
    [InlineData("id", 1)]
    [InlineData("both", 1)]
    public async Task An_actors_breaker_is_its_types_or_its_own(string scope, int otherActor)
    {
        var rig = new Rig($$"""
              policies: {circuitBreakers: {cb: {trip: consecutiveFailures > 0 } } }
              targets: {actors: {DeviceActor: {circuitBreaker: cb, circuitBreakerScope: {{scope}} } } }
            """);
        Assert.Equal(1, (await rig.AnswerAsync(rig.Policies.ForActor("DeviceActor", "1"), 500)).Attempts);
        Assert.Equal(0, (await rig.AnswerAsync(rig.Policies.ForActor("DeviceActor", "1"), 500)).Attempts);
        Assert.Equal(otherActor, (await rig.AnswerAsync(rig.Policies.ForActor("DeviceActor", "2"), 500)).Attempts);
        Assert.Same(PolicyRunner.None, rig.Policies.ForActor("OtherActor", "1"));
    }

    [Theory]
    [InlineData("DaprBuiltInServiceRetries", 4, 3)]
    [InlineData("DaprBuiltInActorRetries", 4, 3)]
    [InlineData("DaprBuiltInActorNotFoundRetries", 6, 5)]
    public async Task Built_in_retries_wait_a_second(string name, int attempts, double seconds)
    {
        var rig = new Rig("");
        var o = await rig.AnswerAsync(rig.Policies.BuiltIn(name), 500);
        Assert.Equal(attempts, o.Attempts);
        Assert.Equal(seconds, o.Seconds, 0.06);
    }

    [Theory]
    [InlineData(7, 8)]
    [InlineData(1, 4)]
    [InlineData(-1, 4)]
    public async Task A_built_in_policy_defined_anew_keeps_three_retries_at_least(int retries, int attempts)
    {
        var rig = new Rig(
            $"  policies: {{retries: {{DaprBuiltInServiceRetries: {{duration: 0s, maxRetries: {retries}}}}}}}");
        Assert.Equal(
            attempts, (await rig.AnswerAsync(rig.Policies.BuiltIn("DaprBuiltInServiceRetries"), 500)).Attempts);
    }

    [Fact]
    public void There_is_no_other_built_in_policy() =>
        Assert.Throws<ArgumentException>(() => new Rig("").Policies.BuiltIn("mine"));

    [Fact]
    public async Task Resources_merge_by_name_in_file_order_and_only_in_scope_and_as_first_document()
    {
        const string Component =
            "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {name: mem}\n"
            + "spec: {type: state.in-memory, version: v1}\n---\n";
        var rig = Rig.OfFiles(
            Rig.Resource(Retry(1) + "\n  targets: {apps: {device-service: {retry: r}}}", "first"),
            Rig.Resource(Retry(2), "second"),
            Rig.Resource(Retry(5), "third", "device-service"), Component + Rig.Resource(Retry(7), "fourth"));
        Assert.Equal(3, (await rig.AnswerAsync(rig.Policies.ForApp("device-service", "a"), 500)).Attempts);

        static string Retry(int retries) =>
            $"  policies: {{retries: {{r: {{duration: 100ms, maxRetries: {retries}}}}}}}";
    }

    [Fact]
    public void Without_a_policy_the_attempt_runs_as_it_is()
    {
        var policies = new Rig("").Policies;
        Assert.Same(PolicyRunner.None, policies.ForApp("a", "b"));
        Assert.Same(PolicyRunner.None, policies.ForComponent("a", ComponentKind.StateStore, Direction.Outbound));
    }

    static async Task<int> Attempts(Rig rig, string name, ComponentKind kind, Direction direction) =>
        (await rig.AnswerAsync(rig.Policies.ForComponent(name, kind, direction), 500)).Attempts;
}
