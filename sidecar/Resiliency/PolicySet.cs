namespace CloudPhone.Sidecar.Resiliency;

/// <summary>The named policies of all resources in scope; where a name is there twice, the later resource's
/// holds.</summary>
sealed class PolicySet
{
    readonly Dictionary<string, TimeSpan> _timeouts = [];
    readonly Dictionary<string, RetrySpec> _retries = new(BuiltInRetries.All);
    readonly Dictionary<string, BreakerSpec> _breakers = [];
    readonly TimeProvider _time;
    readonly ILogger _log;

    public PolicySet(IEnumerable<ResiliencySpec> specs, TimeProvider time, ILogger log)
    {
        (_time, _log) = (time, log);
        foreach (var spec in specs)
        {
            foreach (var (name, timeout) in spec.Timeouts)
                _timeouts[name] = timeout;
            foreach (var (name, retry) in spec.Retries)
                _retries[name] = BuiltInRetries.Overridden(name, retry);
            foreach (var (name, breaker) in spec.CircuitBreakers)
                _breakers[name] = breaker;
        }
    }

    /// <summary>The default policies that exist; an empty target where there are none.</summary>
    public TargetSpec Defaults(string[] prefixes) => new(
        Find(_timeouts, prefixes, "TimeoutPolicy"), Find(_retries, prefixes, "RetryPolicy"),
        Find(_breakers, prefixes, "CircuitBreakerPolicy"));

    public PolicyRunner Retry(string name) => Runner(name, new(null, name, null), null);

    public CircuitBreaker? Breaker(string name, TargetSpec target) =>
        target.CircuitBreaker is { } policy ? new(name, _breakers[policy], _time, _log) : null;

    public PolicyRunner Runner(string name, TargetSpec target, CircuitBreaker? breaker)
    {
        var timeout = target.Timeout is { } t && _timeouts[t] > TimeSpan.Zero ? _timeouts[t] : (TimeSpan?)null;
        var retry = target.Retry is { } r ? _retries[r] : null;
        return timeout is null && breaker is null && retry is null or { MaxRetries: 0 } ? PolicyRunner.None
            : new PollyRunner(name, timeout, retry, breaker, _time, _log);
    }

    static string? Find<T>(Dictionary<string, T> policies, string[] prefixes, string suffix) =>
        prefixes.Select(p => p + suffix).FirstOrDefault(policies.ContainsKey);
}
