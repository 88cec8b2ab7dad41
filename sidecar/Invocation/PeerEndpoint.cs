namespace CloudPhone.Sidecar.Invocation;

sealed class PeerEndpoint
{
    public static Task HandleAsync(HttpContext http) => Task.CompletedTask;
}
