using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Resources;

/// <summary>Makes the components of a sidecar: secret stores first, each other one when its secret store is
/// there.</summary>
static partial class ComponentLoader
{
    /// <exception cref="ConfigurationException">A component is of no known type, wrongly configured, or did not come up
    /// in time and its spec.ignoreErrors is not set.</exception>
    public static async Task LoadAsync(
        LoadedResources resources, IServiceProvider services, ComponentRegistry registry, CancellationToken ct)
    {
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ComponentLoader));
        foreach (var warning in resources.Warnings)
            PassedOver(log, warning);
        var types = services.GetServices<ComponentType>().ToDictionary(t => t.Type);
        var secrets = new SecretResolver(registry, services.GetRequiredService<SidecarOptions>(), log);
        foreach (var spec in Ordered(resources.Components))
        {
            var type = types.GetValueOrDefault(spec.Type) ?? throw Unknown(spec, types.Keys);
            try
            {
                await CreateAsync(spec, type, secrets, services, registry, ct);
                Loaded(log, spec.Name, spec.Type);
            }
            catch (Exception e) when (
                spec.IgnoreErrors && e is not ConfigurationException && !ct.IsCancellationRequested)
            {
                Ignored(log, spec.Name, spec.Type, e.Message);
            }
            catch (Exception e) when (e is not ConfigurationException && !ct.IsCancellationRequested)
            {
                throw new ConfigurationException(
                    $"{spec.File}: component '{spec.Name}' ({spec.Type}) can't be initialised: {e.Message}");
            }
        }
    }

    static async Task CreateAsync(
        ComponentSpec spec, ComponentType type, SecretResolver secrets, IServiceProvider services,
        ComponentRegistry registry, CancellationToken ct)
    {
        var time = services.GetRequiredService<TimeProvider>();
        using var timeout = new CancellationTokenSource(spec.InitTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            var component = await secrets.ResolveAsync(spec, both.Token);
            var instance = await type.CreateAsync(component, services, both.Token);
            try
            {
                component.Metadata.RejectUnknown();
            }
            catch (ConfigurationException)
            {
                await DisposeAsync(instance);
                throw;
            }
            registry.Add(component, type, instance);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new TimeoutException($"not ready within {spec.InitTimeout.TotalSeconds:0.###} s (spec.initTimeout)");
        }
    }

    /// <summary>Secret stores before the rest, and a store that takes its own secrets from another one after
    /// that.</summary>
    static IEnumerable<ComponentSpec> Ordered(IReadOnlyList<ComponentSpec> specs)
    {
        var waiting = specs.OrderBy(s => s.Type.StartsWith("secretstores.", StringComparison.Ordinal) ? 0 : 1).ToList();
        while (waiting.Count > 0)
        {
            var ready = waiting.FindIndex(s => !s.NeedsSecrets || waiting.TrueForAll(w => w.Name != s.SecretStore));
            if (ready < 0)
                throw new ConfigurationException($"{waiting[0].File}: component '{waiting[0].Name}': auth.secretStore "
                    + $"'{waiting[0].SecretStore}' takes its secrets, directly or not, from this component itself.");
            yield return waiting[ready];
            waiting.RemoveAt(ready);
        }
    }

    static ConfigurationException Unknown(ComponentSpec spec, IEnumerable<string> types) =>
        new($"{spec.File}: component '{spec.Name}': spec.type '{spec.Type}' is not known; "
            + $"known: {string.Join(", ", types.Order())}.");

    static async ValueTask DisposeAsync(object instance)
    {
        if (instance is IAsyncDisposable a)
            await a.DisposeAsync();
        else
            (instance as IDisposable)?.Dispose();
    }

    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    static partial void PassedOver(ILogger log, string warning);

    [LoggerMessage(2, LogLevel.Information, "component loaded: {Name} ({Type})")]
    static partial void Loaded(ILogger log, string name, string type);

    [LoggerMessage(3, LogLevel.Warning, "component {Name} ({Type}) is left out, as its ignoreErrors says: {Error}")]
    static partial void Ignored(ILogger log, string name, string type, string error);
}
