using System.Net;
using System.Net.Sockets;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>The address that this machine shows to others.</summary>
static class HostAddress
{
    static readonly Lazy<string> Own = new(Find);

    /// <summary>
    /// DAPR_HOST_IP of the given environment, else the source address of the default route, else loopback.
    /// </summary>
    public static string Of(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("DAPR_HOST_IP") is { Length: > 0 } given ? given : Own.Value;

    /// <summary>
    /// The address under which a registry is to know the sidecar: loopback if its internal port listens there only,
    /// else <see cref="Of"/>.
    /// </summary>
    public static string Registered(SidecarOptions options) =>
        options.InternalListenAddress is "127.0.0.1" or "localhost" or "[::1]"
            ? options.InternalListenAddress : Of(options.Environment);

    static string Find()
    {
        try
        {
            // Nothing is sent: connecting a datagram socket only asks for the route.
            // 192.0.2.1 is reserved for documentation.
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect("192.0.2.1", 9);
            return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
        }
        catch (SocketException)
        {
            return "127.0.0.1";
        }
    }
}
