using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CloudPhone.Shared.Http;

namespace CloudPhone.Gateway.Limits;

/// <summary>
/// The gateway's metrics are for whoever runs the platform: with METRICS_TOKEN for who shows it, without for callers in
/// the own network that no proxy has sent on. For all others they are not there.
/// </summary>
sealed class MetricsGuard(RequestDelegate next, GatewayOptions options)
{
    const string Bearer = "Bearer ";
    static readonly string[] OfProxies = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"];

    public Task InvokeAsync(HttpContext http) =>
        !http.Request.Path.StartsWithSegments("/metrics") || MayRead(http) ? next(http)
            : Problems.NotFound("route").ExecuteAsync(http);

    bool MayRead(HttpContext http) => options.MetricsToken is { } token
        ? CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()),
            Encoding.UTF8.GetBytes(Bearer + token))
        : !Array.Exists(OfProxies, http.Request.Headers.ContainsKey)
            && http.Connection.RemoteIpAddress is { } address && IsOwn(address);

    static bool IsOwn(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return IPAddress.IsLoopback(address) || address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal;
        return address.GetAddressBytes() is [127 or 10, ..] or [172, >= 16 and < 32, ..] or [192, 168, ..];
    }
}
