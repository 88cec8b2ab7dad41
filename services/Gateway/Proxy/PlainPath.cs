using System.Buffers;
using CloudPhone.Shared.Http;

namespace CloudPhone.Gateway.Proxy;

/// <summary>
/// Refuses paths that are still escaped after the server has decoded them. A sidecar decodes once more, resolves dots,
/// and shows its own token to the service: <c>/api/devices/..%2f..%2fevents/…</c> would arrive as an event. No route of
/// the platform needs such a path. Doubled slashes, which a sidecar makes one, are refused as well: they would pass by
/// what the gateway knows of a route.
/// </summary>
sealed class PlainPath(RequestDelegate next)
{
    static readonly SearchValues<char> Odd = SearchValues.Create("%\\?#;");

    public Task InvokeAsync(HttpContext http) =>
        IsPlain(http.Request.Path.Value) ? next(http)
        : Problems.BadRequest("bad-request", "The path has escaped characters or empty parts that no route takes.")
            .ExecuteAsync(http);

    static bool IsPlain(string? path) => path is null || !(path.AsSpan().ContainsAny(Odd)
        || path.Contains("//", StringComparison.Ordinal) || path.Any(char.IsControl));
}
