using CloudPhone.Sidecar.Actors.Placement;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Invocation;

namespace CloudPhone.Sidecar.Api;

/// <summary>
/// Sends what comes in at the metrics and internal ports to its own handler; only gRPC is spoken at the gRPC port.
/// </summary>
sealed class Ports(
    RequestDelegate next, SidecarMetrics metrics, PeerEndpoint peers, ActorPeerEndpoint actors)
{
    public Task InvokeAsync(HttpContext http) => ListenerRole.Of(http) switch
    {
        Listener.Metrics => metrics.WriteAsync(http),
        Listener.Internal when ActorPeerEndpoint.IsFor(http.Request) => actors.HandleAsync(http),
        Listener.Internal => peers.HandleAsync(http),
        Listener.Grpc when !IsGrpc(http.Request) => Refuse(http),
        _ => next(http),
    };

    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    static Task Refuse(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        return Task.CompletedTask;
    }
}
