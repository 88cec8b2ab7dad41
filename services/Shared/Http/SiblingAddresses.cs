using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Http;

/// <summary>
/// The configured addresses of the services (USER_SERVICE_URL, DEVICE_SERVICE_URL, …): the way without name resolution.
/// </summary>
public sealed class SiblingAddresses
{
    static readonly string[] Known =
    [
        AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing, AppIds.Notifications, AppIds.Media,
    ];

    readonly Dictionary<string, Uri> _addresses = [];

    /// <exception cref="SettingException">A *_SERVICE_URL is no address.</exception>
    public SiblingAddresses(IConfiguration configuration)
    {
        // USE_CONSUL=false is the specification's switch for fixed addresses
        UseSidecar = configuration.Flag("USE_CONSUL", true);
        foreach (var appId in Known)
            if (configuration.Address(Setting(appId)) is { } address)
                _addresses[appId] = address;
    }

    /// <summary>False: every call goes straight to the configured address.</summary>
    public bool UseSidecar { get; }

    /// <summary>By app id; null: no address is set, so there is no way but the sidecar's.</summary>
    public Uri? this[string appId] => _addresses.GetValueOrDefault(appId);

    /// <summary>The setting that holds a service's address: <c>user-service</c> is in USER_SERVICE_URL.</summary>
    public static string Setting(string appId) => appId.Replace('-', '_').ToUpperInvariant() + "_URL";
}

static class SiblingClients
{
    /// <summary>Longer than any policy of the sidecar, which decides.</summary>
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    public static void AddSiblings(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new SiblingAddresses(builder.Configuration));
        builder.Services.AddSingleton(services =>
        {
            var tokens = services.GetRequiredService<ServiceTokens>();
            var addresses = services.GetRequiredService<SiblingAddresses>();
            return new HttpClient(new SiblingHandler(
                tokens, addresses, new InvocationHandler { InnerHandler = NewHandler() }, NewHandler()))
            {
                Timeout = Timeout,
            };
        });
        builder.Services.AddKeyedSingleton(KeyedService.AnyKey, (services, key) =>
            new Sibling(services.GetRequiredService<HttpClient>(), (string)key!));
    }

    static SocketsHttpHandler NewHandler() => new()
    {
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), AllowAutoRedirect = false, UseProxy = false,
        UseCookies = false,
    };
}
