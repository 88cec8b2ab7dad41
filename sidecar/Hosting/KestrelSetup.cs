using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>The sidecar's ports and their limits.</summary>
static class KestrelSetup
{
    /// <summary>What the runtime's HTTP server allows beyond --read-buffer-size.</summary>
    public const int HeaderSlack = 4 << 10;

    public static void Configure(KestrelServerOptions kestrel, SidecarOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowAlternateSchemes = true;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = null;
        limits.MaxRequestHeadersTotalSize = 4 * (options.ReadBufferSize + HeaderSlack);
        limits.MaxRequestLineSize = Math.Max(8 << 10, options.ReadBufferSize + HeaderSlack);
        limits.MaxRequestHeaderCount = 1000;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.MaxRequestHeaderFieldSize = options.ReadBufferSize + HeaderSlack;

        Listen(kestrel, options, Listener.Http, options.HttpPort, HttpProtocols.Http1AndHttp2);
        Listen(kestrel, options, Listener.Grpc, options.GrpcPort, HttpProtocols.Http2);
        Listen(kestrel, options, Listener.Internal, options.InternalGrpcPort ?? 0, HttpProtocols.Http1);
        if (options.EnableMetrics)
            Listen(kestrel, options, Listener.Metrics, options.MetricsPort, HttpProtocols.Http1);
    }

    static void Listen(
        KestrelServerOptions kestrel, SidecarOptions options, Listener listener, int port, HttpProtocols protocols)
    {
        var role = new ListenerRole(listener);
        foreach (var address in Addresses(options, listener, port))
            kestrel.Listen(address, port, endpoint =>
            {
                endpoint.Protocols = protocols;
                if (protocols == HttpProtocols.Http1AndHttp2)
                    endpoint.Use(PriorKnowledge.Middleware);
                endpoint.Use(next => connection =>
                {
                    connection.Features.Set(role);
                    return next(connection);
                });
            });
    }

    static IEnumerable<IPAddress> Addresses(SidecarOptions options, Listener listener, int port)
    {
        var texts = listener switch
        {
            Listener.Internal when options.InternalListenAddress is { Length: > 0 } own => [own],
            Listener.Metrics when options.MetricsListenAddress is { Length: > 0 } own => [own],
            _ => options.ListenAddresses,
        };
        if (texts.Count == 0)
            return [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];
        var found = texts.SelectMany(Parse).Distinct()
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork || Socket.OSSupportsIPv6);
        return port == 0 ? found.Take(1) : found;
    }

    static IEnumerable<IPAddress> Parse(string text)
    {
        if (text == "localhost")
            return [IPAddress.Loopback, IPAddress.IPv6Loopback];
        if (!IPAddress.TryParse(text.Trim('[', ']'), out var address))
            throw new ConfigurationException(
                $"'{text}' is no IP address to listen on; give --dapr-listen-addresses like 127.0.0.1.");
        return address.Equals(IPAddress.Any) && Socket.OSSupportsIPv6 ? [IPAddress.IPv6Any] : [address];
    }

    /// <summary>Starts, and tells which flag chooses a port that somebody else has.</summary>
    public static async Task StartAsync(WebApplication web, SidecarOptions options, CancellationToken ct)
    {
        try
        {
            await web.StartAsync(ct);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException || e.InnerException is SocketException)
        {
            var (port, flag) = Flags(options)
                .FirstOrDefault(p => e.Message.Contains($":{p.Port}:", StringComparison.Ordinal));
            throw new ConfigurationException(flag is null
                ? $"A port of the sidecar of {options.AppId} can't be opened: {e.Message}"
                : $"Port {port} of the sidecar of {options.AppId} is in use; choose another with {flag}.");
        }
    }

    static (int Port, string Flag)[] Flags(SidecarOptions options) =>
    [
        (options.HttpPort, "--dapr-http-port"), (options.GrpcPort, "--dapr-grpc-port"),
        (options.InternalGrpcPort ?? -1, "--dapr-internal-grpc-port"), (options.MetricsPort, "--metrics-port"),
    ];
}
