namespace CloudPhone.Sidecar.Hosting;

enum Listener { Http, Grpc, Internal, Metrics }

/// <summary>Rides on each connection and says at which of the sidecar's ports it came in.</summary>
sealed record ListenerRole(Listener Listener)
{
    public static Listener Of(HttpContext http) => http.Features.Get<ListenerRole>()?.Listener ?? Listener.Http;
}
