using System.Diagnostics;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Hosting;

/// <summary>One line for each request: by its request id a user's act can be followed through all services.</summary>
sealed partial class RequestLogMiddleware(RequestDelegate next, ILogger<RequestLogMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (IsRoutine(http.Request.Path))
        {
            await next(http);
            return;
        }
        var start = Stopwatch.GetTimestamp();
        await next(http);
        var milliseconds = (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Answered(log, http.Request.Method, Path(http.Request.Path), http.Response.StatusCode, milliseconds);
    }

    /// <summary>What every service and monitor asks every few seconds.</summary>
    static bool IsRoutine(PathString path) =>
        path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics") || path == RevocationPoller.Path;

    /// <summary>Without the query, which may hold a token, and without what could break a line.</summary>
    static string Path(PathString path) => path.ToUriComponent();

    [LoggerMessage(1, LogLevel.Information, "{Method} {Path} {Status} in {Milliseconds} ms")]
    static partial void Answered(ILogger log, string method, string path, int status, int milliseconds);
}
