using CloudPhone.Sidecar.Actors;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.Api.Grpc;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Bindings;
using CloudPhone.Sidecar.Invocation;
using CloudPhone.Sidecar.NameResolution;
using CloudPhone.Sidecar.PubSub;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;
using CloudPhone.Sidecar.Secrets;
using CloudPhone.Sidecar.State;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// One sidecar: its APIs, its components and its way to the app. Several live in one process under the runner and share
/// a <see cref="SidecarNeighbourhood"/>.
/// </summary>
/// <param name="loggers">Where the log goes; null: to the console.</param>
sealed class SidecarServer(
    SidecarOptions options, SidecarNeighbourhood neighbourhood, ILoggerFactory? loggers = null) : IAsyncDisposable
{
    readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _gate = new();
    WebApplication? _web;
    Task? _stopping;

    public SidecarOptions Options => options;

    /// <summary>
    /// Completes when the sidecar has stopped: by <see cref="StopAsync"/> or because its API was told to shut
    /// down.
    /// </summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Loads resources and serves the APIs; returns before the app is there.</summary>
    /// <exception cref="ConfigurationException">A resource or flag is wrong, a port is taken.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var resources = ResourceLoader.Load(options);
        _web = Build(resources);
        var services = _web.Services;
        await ComponentLoader.LoadAsync(resources, services, services.GetRequiredService<ComponentRegistry>(), ct);
        await KestrelSetup.StartAsync(_web, options, ct);
        services.GetRequiredService<RuntimeStatus>().IsOutboundReady = true;
        await services.GetRequiredService<INameResolver>().AnnounceAsync(ct);
        services.GetRequiredService<AppLifecycle>().Start();
    }

    /// <inheritdoc cref="AppLifecycle.AppEnded"/>
    public void AppEnded() => _web?.Services.GetRequiredService<AppLifecycle>().AppEnded();

    /// <summary>Stops deliveries, lets running ones finish for the time of grace, then closes the APIs.</summary>
    public Task StopAsync()
    {
        lock (_gate)
            return _stopping ??= Task.Run(StopOnceAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        // exporters block: see SocketThreads
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (_web is not null)
            await _web.DisposeAsync();
    }

    WebApplication Build(LoadedResources resources)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        // Handlers here wait for sockets and hardly compute: passing each step to another thread costs more than it.
        builder.WebHost.UseKestrelCore().UseSockets(s => s.UnsafePreferInlineScheduling = true)
            .ConfigureKestrel(k => KestrelSetup.Configure(k, options));
        Logs.Configure(builder, options, loggers);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(neighbourhood)
            .AddSingleton(resources)
            .AddSingleton(resources.Configuration)
            .AddSingleton(resources.Subscriptions)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<RuntimeStatus>()
            .AddSingleton<AppChannel>()
            .AddSingleton<AppConfig>()
            .AddSingleton<AppLifecycle>()
            .AddSingleton<ResiliencyPolicies>()
            .AddSingleton<ComponentRegistry>()
            .AddApi(() => _ = StopAsync())
            .AddGrpcApi(options)
            .AddSecrets().AddState().AddPubSub().AddBindings().AddActors().AddInvocation()
            .AddNameResolution(options, resources.Configuration);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, OwnedLifetime>());
        var web = builder.Build();
        web.UseApi();
        web.MapApi();
        web.MapGrpcApi();
        web.MapSecrets();
        web.MapState();
        web.MapPubSub();
        web.MapBindings();
        web.MapActors();
        web.MapInvocation();
        return web;
    }

    async Task StopOnceAsync()
    {
        try
        {
            if (_web is not { } web)
                return;
            await web.Services.GetRequiredService<INameResolver>().WithdrawAsync();
            await web.Services.GetRequiredService<AppLifecycle>().StopAsync();
            using var grace = new CancellationTokenSource(options.GracefulShutdown);
            await web.StopAsync(grace.Token);
        }
        finally
        {
            _stopped.TrySetResult();
        }
    }

    /// <summary>Signals are for the process's owner: a sidecar among others does not end by itself.</summary>
    sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
