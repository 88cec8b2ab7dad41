using CloudPhone.Sidecar.Expressions;
using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Resiliency;

static class ResiliencyReader
{
    static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    public static ResiliencySpec Read(string name, YamlFields resource)
    {
        var spec = resource.Map("spec");
        var policies = spec.Map("policies");
        var targets = spec.Map("targets");
        var timeouts = policies.Map("timeouts");
        var read = new ResiliencySpec(name, resource.File)
        {
            Timeouts = timeouts.Names.ToDictionary(n => n, n => timeouts.Duration(n, Millisecond) ?? TimeSpan.Zero),
            Retries = Each(policies.Map("retries"), Retry),
            CircuitBreakers = Each(policies.Map("circuitBreakers"), Breaker),
            Apps = Each(targets.Map("apps"), App),
            Actors = Each(targets.Map("actors"), Actor),
            Components = Each(targets.Map("components"), Component),
        };
        policies.RejectUnknown();
        targets.RejectUnknown();
        spec.RejectUnknown();
        return read;
    }

    static Dictionary<string, T> Each<T>(YamlFields named, Func<YamlFields, T> read) =>
        named.Names.ToDictionary(n => n, n =>
    {
        var fields = named.Map(n);
        var value = read(fields);
        fields.RejectUnknown();
        return value;
    });

    static RetrySpec Retry(YamlFields retry)
    {
        var matching = retry.Map("matching");
        var kind = retry.Text("policy") is { Length: > 0 } p ? p : "constant";
        if (kind is not ("constant" or "exponential"))
            throw retry.Wrong("policy", $"is '{kind}'; known: constant, exponential");
        var policy = new RetrySpec(
            kind == "exponential",
            retry.Duration("duration", Millisecond) ?? RetrySpec.Default.Duration,
            retry.Duration("maxInterval", Millisecond) ?? RetrySpec.Default.MaxInterval,
            retry.Integer("maxRetries") ?? RetrySpec.Default.MaxRetries,
            Codes(matching, "httpStatusCodes", 100, 599), Codes(matching, "gRPCStatusCodes", 0, 16));
        matching.RejectUnknown();
        return policy;
    }

    static CodeRanges? Codes(YamlFields matching, string field, int least, int most)
    {
        if (matching.Text(field) is not { Length: > 0 } text)
            return null;
        try
        {
            return CodeRanges.Parse(text, least, most);
        }
        catch (FormatException e)
        {
            throw matching.Wrong(field, $"is not right: {e.Message}");
        }
    }

    static BreakerSpec Breaker(YamlFields breaker)
    {
        var probes = breaker.Integer("maxRequests") ?? 1;
        if (probes < 0)
            throw breaker.Wrong("maxRequests", $"must not be negative: {probes}");
        var open = breaker.Duration("timeout", Millisecond) ?? TimeSpan.Zero;
        return new(
            Math.Max(1, probes), breaker.Duration("interval", Millisecond) ?? TimeSpan.Zero,
            open > TimeSpan.Zero ? open : TimeSpan.FromSeconds(60), Trip(breaker));
    }

    static Cel? Trip(YamlFields breaker)
    {
        if (breaker.Text("trip") is not { Length: > 0 } text)
            return null;
        try
        {
            var trip = Cel.Parse(text, CircuitCounts.Names);
            return CircuitCounts.Check(trip) is { } why ? throw breaker.Wrong("trip", $"can't be evaluated: {why}")
                : trip;
        }
        catch (FormatException e)
        {
            throw breaker.Wrong("trip", $"is not an expression: {e.Message}");
        }
    }

    static TargetSpec App(YamlFields app) => Target(app) with
    {
        CacheSize = CacheSize(app),
    };

    static TargetSpec Actor(YamlFields actor)
    {
        var target = Target(actor) with
        {
            CacheSize = CacheSize(actor),
            Scope = actor.Text("circuitBreakerScope") switch
            {
                null => null,
                "type" => BreakerScope.Type,
                "id" => BreakerScope.Id,
                "both" => BreakerScope.Both,
                var other => throw actor.Wrong("circuitBreakerScope", $"is '{other}'; known: type, id, both"),
            },
        };
        return target.CircuitBreaker is null || target.Scope is not null ? target
            : throw actor.Wrong("circuitBreakerScope", "is required beside circuitBreaker: type, id or both");
    }

    static ComponentTargetSpec Component(YamlFields component) =>
        new(Way(component, "inbound"), Way(component, "outbound"));

    static TargetSpec? Way(YamlFields component, string way)
    {
        if (!component.Has(way))
            return null;
        var fields = component.Map(way);
        var target = Target(fields);
        fields.RejectUnknown();
        return target;
    }

    static TargetSpec Target(YamlFields target) =>
        new(NonEmpty(target, "timeout"), NonEmpty(target, "retry"), NonEmpty(target, "circuitBreaker"));

    static int? CacheSize(YamlFields target) => target.Integer("circuitBreakerCacheSize") switch
    {
        null => null,
        > 0 and var n => n,
        var n => throw target.Wrong("circuitBreakerCacheSize", $"must be more than 0, not {n}"),
    };

    static string? NonEmpty(YamlFields target, string field) => target.Text(field) is { Length: > 0 } t ? t : null;
}
