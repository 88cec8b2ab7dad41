using System.Net;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace CloudPhone.Gateway.Proxy;

/// <summary>
/// What goes on from the outside: everything but the headers by which services and sidecars know each other. What comes
/// back: everything, with the request id once.
/// </summary>
class DirectTransformer : HttpTransformer
{
    public static DirectTransformer Instance { get; } = new();

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix,
            CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var headers = proxyRequest.Headers;
        foreach (var name in headers.NonValidated.Select(h => h.Key).Where(IsOurs).ToList())
            headers.Remove(name);
        headers.Remove("X-Forwarded-For");
        headers.TryAddWithoutValidation("X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
        headers.Host = null;
    }

    static bool IsOurs(string header) =>
        header.StartsWith("dapr-", StringComparison.OrdinalIgnoreCase)
        || header.Equals(ServiceTokens.Header, StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
        || header.Equals("Forwarded", StringComparison.OrdinalIgnoreCase);

    /// <summary>Nobody on the way keeps what the API answers: there are tokens and other people's data in it.</summary>
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        proxyResponse?.Headers.Remove(RequestId.Header);
        var goesOn = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (httpContext.Request.Path.StartsWithSegments("/api")
            && !httpContext.Response.Headers.ContainsKey(HeaderNames.CacheControl))
            httpContext.Response.Headers.CacheControl = "no-store";
        return goesOn;
    }
}

/// <summary>Addresses the sidecar, and holds back its own error answers so that the gateway can do better.</summary>
/// <param name="target">App id or its alias.</param>
/// <param name="streaming">A large body: sent in chunks, because the sidecar keeps one of known length in
/// memory.</param>
sealed class SidecarTransformer(string target, string? token, bool streaming) : DirectTransformer
{
    /// <summary>The sidecar's error body; null when the answer is the service's.</summary>
    public string? SidecarError { get; private set; }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix,
            CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.TryAddWithoutValidation("dapr-app-id", target);
        if (token is { Length: > 0 })
            proxyRequest.Headers.TryAddWithoutValidation("dapr-api-token", token);
        if (streaming && proxyRequest.Content is { } content)
        {
            content.Headers.ContentLength = null;
            proxyRequest.Headers.TransferEncodingChunked = true;
        }
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is { StatusCode: HttpStatusCode.InternalServerError, Content: { } content }
            && content.Headers.ContentType?.MediaType == "application/json")
        {
            await content.LoadIntoBufferAsync(cancellationToken);
            var body = await content.ReadAsStringAsync(cancellationToken);
            if (SidecarErrors.IsInvocationError(body))
            {
                SidecarError = body;
                return false;
            }
        }
        return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }
}
