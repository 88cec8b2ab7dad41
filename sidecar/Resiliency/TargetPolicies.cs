namespace CloudPhone.Sidecar.Resiliency;

/// <summary>The runners of one target: one for all its calls or, with a breaker, one for each of the keys used
/// last.</summary>
sealed class TargetPolicies
{
    readonly PolicyRunner? _one;
    readonly LruCache<PolicyRunner>? _each;
    readonly Func<string, PolicyRunner> _make;

    public TargetPolicies(string name, TargetSpec target, PolicySet policies, int capacity)
    {
        _make = key => policies.Runner($"{name}:{key}", target, policies.Breaker($"{name}:{key}", target));
        if (target.CircuitBreaker is null)
            _one = policies.Runner(name, target, null);
        else
            _each = new(target.CacheSize ?? capacity);
    }

    public PolicyRunner For(string key) => _one ?? _each!.GetOrAdd(key, _make);
}
