using CloudPhone.Sidecar.Expressions;

namespace CloudPhone.Sidecar.Resiliency;

/// <summary>One Resiliency resource: named policies, and what they stand on.</summary>
sealed record ResiliencySpec(string Name, string File)
{
    public IReadOnlyDictionary<string, TimeSpan> Timeouts { get; init; } = new Dictionary<string, TimeSpan>();
    public IReadOnlyDictionary<string, RetrySpec> Retries { get; init; } = new Dictionary<string, RetrySpec>();
    public IReadOnlyDictionary<string, BreakerSpec> CircuitBreakers { get; init; } =
        new Dictionary<string, BreakerSpec>();
    public IReadOnlyDictionary<string, TargetSpec> Apps { get; init; } = new Dictionary<string, TargetSpec>();
    public IReadOnlyDictionary<string, TargetSpec> Actors { get; init; } = new Dictionary<string, TargetSpec>();
    public IReadOnlyDictionary<string, ComponentTargetSpec> Components { get; init; } =
        new Dictionary<string, ComponentTargetSpec>();
}

/// <param name="Duration">Between the tries of a constant policy.</param>
/// <param name="MaxInterval">The longest wait of an exponential policy.</param>
/// <param name="MaxRetries">Tries after the first; -1: without end.</param>
/// <param name="Http">HTTP status codes to repeat; null: all.</param>
/// <param name="Grpc">gRPC status codes to repeat; null: all.</param>
sealed record RetrySpec(
    bool Exponential, TimeSpan Duration, TimeSpan MaxInterval, int MaxRetries,
    CodeRanges? Http = null, CodeRanges? Grpc = null)
{
    /// <summary>What stands in place of a field that is absent.</summary>
    public static RetrySpec Default { get; } = new(false, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60), -1);

    /// <summary>An exponential policy gives up when this much time went by.</summary>
    public static readonly TimeSpan MaxElapsed = TimeSpan.FromMinutes(15);
}

/// <param name="MaxRequests">Probes while half open; so many successes in a row close the breaker.</param>
/// <param name="Interval">After which the counters of a closed breaker start anew; zero: never.</param>
/// <param name="Timeout">How long an open breaker refuses.</param>
/// <param name="Trip">Over the counters; null: more than 5 failures in a row.</param>
sealed record BreakerSpec(int MaxRequests, TimeSpan Interval, TimeSpan Timeout, Cel? Trip);

/// <summary>The names of the policies of one target; null: none of that kind, and none by default either.</summary>
sealed record TargetSpec(
    string? Timeout, string? Retry, string? CircuitBreaker, int? CacheSize = null, BreakerScope? Scope = null);

/// <summary>Null: the resource says nothing of that direction.</summary>
sealed record ComponentTargetSpec(TargetSpec? Inbound, TargetSpec? Outbound);

/// <summary>One breaker per actor type, per actor id, or both counted in one breaker per id of a type.</summary>
enum BreakerScope { Type, Id, Both }
