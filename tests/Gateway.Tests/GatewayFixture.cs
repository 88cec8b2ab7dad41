using CloudPhone.Contracts;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Gateway.Tests;

/// <summary>
/// The gateway beside its real sidecar, and apps that record what reaches them in the place of services.
/// </summary>
public sealed class GatewayFixture : IAsyncDisposable
{
    readonly List<IAsyncDisposable> _parts = [];
    TestSidecar? _devicesSidecar;

    public required TestService<GatewayOptions> Gateway { get; init; }
    public required RecordingApp Devices { get; init; }
    public required RecordingApp Users { get; init; }

    /// <param name="devices">False: the device service has no sidecar, so that its name isn't resolved.</param>
    /// <param name="apps">Whether there is a sidecar of the app service; <see cref="Devices"/> is behind it.</param>
    public static async Task<GatewayFixture> StartAsync(
        string[]? resources = null, bool devices = true, bool apps = false,
        Func<GatewayParts, (string, string)[]>? settings = null)
    {
        var neighbourhood = new SidecarNeighbourhood();
        var parts = new GatewayParts(
            await RecordingApp.StartAsync(), await RecordingApp.StartAsync(), await RecordingApp.StartAsync());
        var own = await TestSidecar.StartAsync(AppIds.Gateway, parts.Gateway, resources, neighbourhood: neighbourhood,
            with: o => o with { ApiToken = "in", ReadBufferSize = 16 << 10 });
        var gateway = new TestService<GatewayOptions>(
        [
            ("DAPR_HTTP_PORT", $"{own.Options.HttpPort}"), ("DAPR_API_TOKEN", "in"), ("USE_CONSUL", "true"),
            .. settings?.Invoke(parts) ?? [],
        ]);
        var fixture = new GatewayFixture { Gateway = gateway, Devices = parts.Devices, Users = parts.Users };
        fixture._parts.AddRange(
            [gateway, own, await TestSidecar.StartAsync(AppIds.Users, parts.Users, neighbourhood: neighbourhood)]);
        if (devices)
            fixture._parts.Add(fixture._devicesSidecar =
                await TestSidecar.StartAsync(AppIds.Devices, parts.Devices, neighbourhood: neighbourhood));
        if (apps)
            fixture._parts.Add(
                await TestSidecar.StartAsync(AppIds.Apps, parts.Devices, neighbourhood: neighbourhood));
        fixture._parts.AddRange([parts.Gateway, parts.Devices, parts.Users, neighbourhood]);
        return fixture;
    }

    /// <summary>From now on the device service's name isn't resolved any more.</summary>
    public async Task EndDevicesSidecarAsync()
    {
        _parts.Remove(_devicesSidecar!);
        await _devicesSidecar!.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
            await part.DisposeAsync();
    }
}

/// <param name="Gateway">In the gateway's place for its sidecar's own questions.</param>
public sealed record GatewayParts(RecordingApp Gateway, RecordingApp Devices, RecordingApp Users);
