using CloudPhone.Sidecar.Tests.Testing;
using Dapr.Actors.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Sidecar.Tests.Actors;

/// <summary>An app made with Dapr.Actors.AspNetCore, and its sidecar, which can be stopped and started again.</summary>
sealed class PhoneApp : IAsyncDisposable
{
    readonly WebApplication _web;
    readonly string? _file;
    readonly int _httpPort;

    PhoneApp(WebApplication web, int httpPort, string? file) => (_web, _httpPort, _file) = (web, httpPort, file);

    public TestSidecar Sidecar { get; private set; } = null!;

    public IReadOnlyCollection<string> Log => _web.Services.GetRequiredService<PhoneLog>().Entries;

    public IActorProxyFactory Proxies =>
        new ActorProxyFactory(new() { HttpEndpoint = $"http://127.0.0.1:{_httpPort}" });

    public static async Task<PhoneApp> StartAsync(string? file = null, TimeSpan? idle = null)
    {
        var httpPort = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<PhoneLog>().AddActors(options =>
        {
            options.HttpEndpoint = $"http://127.0.0.1:{httpPort}";
            options.Actors.RegisterActor<PhoneActor>();
            options.ReentrancyConfig = new() { Enabled = true };
            options.ActorIdleTimeout = idle ?? TimeSpan.FromHours(1);
        });
        var web = builder.Build();
        web.MapActorsHandlers();
        await web.StartAsync();
        var app = new PhoneApp(web, httpPort, file);
        await app.StartSidecarAsync();
        return app;
    }

    public async Task StartSidecarAsync()
    {
        var port = new Uri(_web.Urls.First()).Port;
        var store = ActorSidecar.Store(_file is null ? null : [("connectionString", _file)]);
        Sidecar = await TestSidecar.StartAsync(
            "device-service", resources: [store], with: o => o with { AppPort = port, HttpPort = _httpPort });
    }

    public IPhoneActor Phone(string id) => Proxies.CreateActorProxy<IPhoneActor>(new(id), nameof(PhoneActor));

    public Task SeenAsync(string entry, int count = 1) =>
        Wait.UntilAsync($"{count} x {entry}", () => Log.Count(e => e == entry) >= count);

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await _web.DisposeAsync();
    }
}
