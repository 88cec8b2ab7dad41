using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Api;

/// <summary>Counts the calls of the API and, if asked to, logs them.</summary>
sealed partial class ApiLog(RequestDelegate next, SidecarOptions options, SidecarMetrics metrics, ILogger<ApiLog> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value;
        if (Ports.IsGrpc(http.Request))
        {
            await next(http);
            return;
        }
        try
        {
            await next(http);
        }
        finally
        {
            metrics.HttpServed(http.Request.Method, http.GetEndpoint(), http.Response.StatusCode);
            if (options.EnableApiLogging)
                LogCall(http.Request.Method, path, http.Response.StatusCode);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path} {Status}")]
    partial void LogCall(string method, string? path, int status);
}
