using System.Collections.Concurrent;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Resiliency;

/// <summary>The kinds of component that default policies may be named for.</summary>
enum ComponentKind { PubSub, StateStore, Binding, SecretStore, Configuration, Lock }

/// <summary>Of a component's target: inbound is the way to the app, outbound the way from it.</summary>
enum Direction { Inbound, Outbound }

/// <summary>
/// The policies of the Resiliency resources in scope: which one stands on which target. A target with an entry has what
/// the entry names and nothing else; one without has the default policies.
/// </summary>
sealed class ResiliencyPolicies
{
    const int BreakersOfApp = 100, BreakersOfActor = 5000, TargetsWithoutEntry = 1000;

    readonly PolicySet _policies;
    readonly Dictionary<string, TargetPolicies> _apps = [];
    readonly Dictionary<string, (TargetPolicies Policies, BreakerScope? Scope)> _actors = [];
    readonly Dictionary<string, ComponentTargetSpec> _components = [];
    readonly TargetSpec _defaultApp, _defaultActor;
    readonly LruCache<TargetPolicies> _otherApps = new(TargetsWithoutEntry), _otherActors = new(TargetsWithoutEntry);
    readonly ConcurrentDictionary<(string, ComponentKind, Direction), PolicyRunner> _componentRunners = new();
    readonly ConcurrentDictionary<string, CircuitBreaker?> _componentBreakers = new();
    readonly ConcurrentDictionary<string, PolicyRunner> _builtIn = new();

    public ResiliencyPolicies(LoadedResources resources, TimeProvider time, ILogger<ResiliencyPolicies> log)
    {
        _policies = new(resources.Resiliency, time, log);
        _defaultApp = _policies.Defaults(PolicyNames.App);
        _defaultActor = _policies.Defaults(PolicyNames.Actor);
        foreach (var spec in resources.Resiliency)
        {
            foreach (var (name, target) in spec.Apps)
                _apps[name] = new(name, target, _policies, BreakersOfApp);
            foreach (var (name, target) in spec.Actors)
                _actors[name] = (new(name, target, _policies, BreakersOfActor), target.Scope);
            foreach (var (name, target) in spec.Components)
                _components[name] = target;
        }
    }

    /// <summary>For a call to an app; <paramref name="target"/> as the caller typed it, breakers per <paramref
    /// name="path"/> without its query.</summary>
    public PolicyRunner ForApp(string target, string path)
    {
        if (_apps.TryGetValue(target, out var own))
            return own.For(WithoutQuery(path));
        return IsEmpty(_defaultApp) ? PolicyRunner.None
            : _otherApps.GetOrAdd(target, t => new(t, _defaultApp, _policies, BreakersOfApp)).For(WithoutQuery(path));
    }

    /// <summary>Whether a resource has an entry for that app, be it empty: then the built-in retries do not
    /// apply.</summary>
    public bool HasApp(string target) => _apps.ContainsKey(target);

    public PolicyRunner ForComponent(string name, ComponentKind kind, Direction direction) =>
        _componentRunners.GetOrAdd(
            (name, kind, direction), static (key, self) => self.Component(key.Item1, key.Item2, key.Item3), this);

    public PolicyRunner ForActor(string type, string id)
    {
        if (_actors.TryGetValue(type, out var own))
            return own.Policies.For(own.Scope == BreakerScope.Type ? type : id);
        return IsEmpty(_defaultActor) ? PolicyRunner.None
            : _otherActors.GetOrAdd(type, t => new(t, _defaultActor, _policies, BreakersOfActor)).For(type);
    }

    /// <summary>Whether a resource has an entry for that actor type, be it empty: then the built-in retries do not
    /// apply.</summary>
    public bool HasActor(string type) => _actors.ContainsKey(type);

    /// <summary>One of the built-in retries: DaprBuiltInServiceRetries, …ActorRetries, …ActorReminderRetries,
    /// …InitializationRetries.</summary>
    public PolicyRunner BuiltIn(string name) => BuiltInRetries.All.ContainsKey(name)
        ? _builtIn.GetOrAdd(name, _policies.Retry)
        : throw new ArgumentException($"There is no built-in policy '{name}'.", nameof(name));

    PolicyRunner Component(string name, ComponentKind kind, Direction direction)
    {
        var target = _components.TryGetValue(name, out var own)
            ? (direction == Direction.Inbound ? own.Inbound : own.Outbound) ?? new(null, null, null)
            : _policies.Defaults(PolicyNames.Component(kind, direction));
        // One breaker for both directions, that of the first use, as the runtime has it.
        var breaker = target.CircuitBreaker is null ? null
            : _componentBreakers.GetOrAdd(name, n => _policies.Breaker(n, target));
        return _policies.Runner($"{name} ({direction})", target, breaker);
    }

    static bool IsEmpty(TargetSpec target) => target is { Timeout: null, Retry: null, CircuitBreaker: null };

    static string WithoutQuery(string path) => path.IndexOf('?') is >= 0 and var at ? path[..at] : path;
}
