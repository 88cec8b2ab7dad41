namespace CloudPhone.Sidecar.Api;

/// <summary>
/// Collapses repeated slashes, which the actor SDK sends, and drops a trailing one, before routes are matched.
/// </summary>
sealed class PathCleaner(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        if (path.Contains("//", StringComparison.Ordinal) || (path.Length > 1 && path[^1] == '/'))
            http.Request.Path = Clean(path);
        return next(http);
    }

    internal static string Clean(string path) =>
        "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));
}
