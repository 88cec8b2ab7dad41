using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>Segments of the request's path as the caller typed them: an encoded slash does not separate.</summary>
static class RawPath
{
    /// <summary>
    /// The decoded segment at that index, after empty ones (of double slashes) and dots are resolved as routing
    /// does it; "" where there are fewer.
    /// </summary>
    public static string PathSegment(this HttpRequest request, int index)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        List<string> segments = [];
        foreach (var raw in PathOf(target).Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (Uri.UnescapeDataString(raw) is var segment && segment == "..")
                segments.RemoveRange(Math.Max(0, segments.Count - 1), Math.Min(1, segments.Count));
            else if (segment != ".")
                segments.Add(segment);
        return index < segments.Count ? segments[index] : "";
    }

    /// <summary>Without the query, and without scheme and host where the target is a whole URL.</summary>
    static string PathOf(string target)
    {
        var path = target.Split('?', 2)[0];
        if (path.StartsWith('/') || path.IndexOf("://", StringComparison.Ordinal) is not (> 0 and var scheme))
            return path;
        var slash = path.IndexOf('/', scheme + 3);
        return slash < 0 ? "" : path[slash..];
    }
}
