using System.Security.Cryptography;
using System.Text;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Api;

/// <summary>With DAPR_API_TOKEN set, every call but the health endpoints must show it.</summary>
sealed class TokenGuard(RequestDelegate next, SidecarOptions options)
{
    public const string Header = "dapr-api-token";
    readonly byte[]? _token = options.ApiToken is { Length: > 0 } t ? Encoding.UTF8.GetBytes(t) : null;

    public Task InvokeAsync(HttpContext http)
    {
        if (_token is null || IsShown(http.Request) || IsOpen(http.Request))
            return next(http);
        return Ports.IsGrpc(http.Request) ? RefuseGrpc(http.Response) : Refuse(http.Response);
    }

    bool IsShown(HttpRequest request) =>
        request.Headers.TryGetValue(Header, out var shown) && shown.Count == 1
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown.ToString()), _token);

    static bool IsOpen(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Path.Value is "/v1.0/healthz" or "/v1.0/healthz/outbound";

    static Task Refuse(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status401Unauthorized;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        return response.WriteAsync("invalid api token\n");
    }

    static Task RefuseGrpc(HttpResponse response)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = "16";
        response.Headers["grpc-message"] = "authentication error: api token mismatch";
        return Task.CompletedTask;
    }
}
