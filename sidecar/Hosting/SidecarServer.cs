using CloudPhone.Sidecar.Actors;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Bindings;
using CloudPhone.Sidecar.Invocation;
using CloudPhone.Sidecar.PubSub;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;
using CloudPhone.Sidecar.Secrets;
using CloudPhone.Sidecar.State;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// One sidecar: its APIs, its components and its way to the app. Several live in one process under the runner and share
/// a <see cref="SidecarNeighbourhood"/>.
/// </summary>
public sealed class SidecarServer(SidecarOptions options, SidecarNeighbourhood neighbourhood) : IAsyncDisposable
{
    WebApplication? _web;

    public SidecarOptions Options => options;

    /// <summary>Loads resources and serves the APIs; returns before the app is there (dapr.md 8.5).</summary>
    /// <exception cref="ConfigurationException">A resource or flag is wrong, a port is taken.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var resources = ResourceLoader.Load(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services
            .AddSingleton(options)
            .AddSingleton(resources)
            .AddSingleton(neighbourhood)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<AppChannel>()
            .AddSingleton<ResiliencyPolicies>()
            .AddSingleton<ComponentRegistry>()
            .AddSecrets().AddState().AddPubSub().AddBindings().AddActors().AddInvocation();
        _web = builder.Build();
        await ComponentLoader.LoadAsync(resources, _web.Services, _web.Services.GetRequiredService<ComponentRegistry>(), ct);
        _web.MapSecrets();
        _web.MapState();
        _web.MapPubSub();
        _web.MapBindings();
        _web.MapActors();
        _web.MapInvocation();
        await _web.StartAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
            await _web.DisposeAsync();
    }
}
