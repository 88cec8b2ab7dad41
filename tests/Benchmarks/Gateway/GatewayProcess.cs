using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Benchmarks.Gateway;

/// <summary>
/// The gateway with all that it does for a request: token, limit, trace, forwarding. Its limits are so high that they
/// count and never refuse.
/// </summary>
sealed class GatewayProcess : IAsyncDisposable
{
    static readonly string Secret = new('k', 48);
    readonly SidecarProcess? _sidecar;
    readonly ServiceProcess _process;

    GatewayProcess(Uri address, ServiceProcess process, SidecarProcess? sidecar) =>
        (Address, _process, _sidecar) = (address, process, sidecar);

    public Uri Address { get; }

    /// <summary>A user's token, as the header that carries it.</summary>
    public static (string Name, string Value) User { get; } =
        ("Authorization", "Bearer "
            + new TestTokens(Secret).User(Guid.NewGuid(), ["user"], lifetime: TimeSpan.FromHours(4)));

    /// <param name="upstream">Where the device service is.</param>
    /// <param name="withSidecar">As in production; else it goes straight to the configured address.</param>
    public static async Task<GatewayProcess> StartAsync(RealServers servers, int upstream, bool withSidecar)
    {
        var port = FreePort.Next();
        var address = new Uri($"http://127.0.0.1:{port}");
        var sidecar = withSidecar ? new SidecarProcess(AppIds.Gateway, port, servers) : null;
        var process = ServiceProcess.Start([Repository.Built("services/Gateway", "CloudPhone.Gateway")],
            ("ASPNETCORE_URLS", address.ToString()), ("JWT_SECRET", Secret),
            ("APP_API_TOKEN", SidecarProcess.AppToken), ("DAPR_API_TOKEN", SidecarProcess.ApiToken),
            ("DAPR_HTTP_PORT", $"{sidecar?.Port ?? 1}"), ("USE_CONSUL", withSidecar ? "true" : "false"),
            (SiblingAddresses.Setting(AppIds.Devices), $"http://127.0.0.1:{upstream}"),
            (SiblingAddresses.Setting(AppIds.Billing), $"http://127.0.0.1:{upstream}"),
            (SiblingAddresses.Setting(AppIds.Notifications), $"http://127.0.0.1:{upstream}"),
            ("RATE_LIMIT_USER_PER_SECOND", "1000000"), ("RATE_LIMIT_IP_PER_SECOND", "1000000"),
            ("Logging__LogLevel__CloudPhone", "Warning"));
        await process.AddressAsync();
        await (sidecar?.StartAsync() ?? Task.CompletedTask);
        return new(address, process, sidecar);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await (_sidecar?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
