namespace CloudPhone.Sidecar.Resources;

/// <summary>A component type that this sidecar has, like <c>state.sqlite</c>, and how one is made.</summary>
/// <param name="CreateAsync">Reads the metadata, connects, and gives the instance: an IStateStore, IPubSub,
/// ISecretStore, IInputBinding or IOutputBinding. Throws ConfigurationException for wrong metadata.</param>
/// <param name="Capabilities">As GET /v1.0/metadata lists them.</param>
sealed record ComponentType(
    string Type, Func<Component, IServiceProvider, CancellationToken, Task<object>> CreateAsync,
    params string[] Capabilities);

/// <summary>The components of one sidecar, made and ready.</summary>
sealed class ComponentRegistry : IAsyncDisposable
{
    readonly Dictionary<string, (Component Component, ComponentType Type, object Instance)> _loaded = [];

    public IEnumerable<(Component Component, ComponentType Type, object Instance)> All => _loaded.Values;

    public void Add(Component component, ComponentType type, object instance) =>
        _loaded.Add(component.Name, (component, type, instance));

    /// <summary>The component of that name if it is a <typeparamref name="T"/>.</summary>
    public T? Find<T>(string name) where T : class =>
        _loaded.TryGetValue(name, out var c) ? c.Instance as T : null;

    public IEnumerable<(Component Component, T Instance)> OfType<T>() where T : class =>
        _loaded.Values.Where(c => c.Instance is T).Select(c => (c.Component, (T)c.Instance));

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, _, instance) in _loaded.Values)
            if (instance is IAsyncDisposable a) await a.DisposeAsync();
            else (instance as IDisposable)?.Dispose();
        _loaded.Clear();
    }
}
