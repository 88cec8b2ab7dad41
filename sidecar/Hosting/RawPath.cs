using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>Segments of the request's path as the caller typed them: an encoded slash does not separate.</summary>
static class RawPath
{
    /// <summary>The decoded segment at that index, empty ones (of double slashes) not counted; "" where there are fewer.</summary>
    public static string PathSegment(this HttpRequest request, int index)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.Split('?', 2)[0];
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return index < segments.Length ? Uri.UnescapeDataString(segments[index]) : "";
    }
}
