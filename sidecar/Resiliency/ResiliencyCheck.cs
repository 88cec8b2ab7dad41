using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Resiliency;

/// <summary>Every policy that a target names is defined by one of the resources in scope, or built in.</summary>
static class ResiliencyCheck
{
    public static void References(IReadOnlyList<ResiliencySpec> specs)
    {
        var timeouts = specs.SelectMany(s => s.Timeouts.Keys).ToHashSet();
        var retries = specs.SelectMany(s => s.Retries.Keys).Concat(BuiltInRetries.All.Keys).ToHashSet();
        var breakers = specs.SelectMany(s => s.CircuitBreakers.Keys).ToHashSet();
        foreach (var spec in specs)
            foreach (var (path, target) in Targets(spec))
            {
                Known(spec, $"{path}.timeout", target.Timeout, timeouts);
                Known(spec, $"{path}.retry", target.Retry, retries);
                Known(spec, $"{path}.circuitBreaker", target.CircuitBreaker, breakers);
            }
    }

    static IEnumerable<(string Path, TargetSpec Target)> Targets(ResiliencySpec spec)
    {
        foreach (var (name, target) in spec.Apps)
            yield return ($"spec.targets.apps.{name}", target);
        foreach (var (name, target) in spec.Actors)
            yield return ($"spec.targets.actors.{name}", target);
        foreach (var (name, target) in spec.Components)
        {
            if (target.Inbound is { } inbound)
                yield return ($"spec.targets.components.{name}.inbound", inbound);
            if (target.Outbound is { } outbound)
                yield return ($"spec.targets.components.{name}.outbound", outbound);
        }
    }

    static void Known(ResiliencySpec spec, string field, string? name, HashSet<string> known)
    {
        if (name is not null && !known.Contains(name))
            throw new ConfigurationException(
                $"{spec.File}: field '{field}' names the policy '{name}', which no resource defines; "
                + $"defined: {(known.Count == 0 ? "none" : string.Join(", ", known.Order()))}.");
    }
}
