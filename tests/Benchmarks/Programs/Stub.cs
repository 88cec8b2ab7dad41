using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Benchmarks.Programs;

/// <summary>An app that does nothing: it answers "ok", and 404 to what its sidecar would like to know of it.</summary>
static class Stub
{
    public static async Task<int> RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.Run(http =>
        {
            if (http.Request.Path.StartsWithSegments("/dapr"))
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }
            http.Response.ContentType = "text/plain";
            http.Response.ContentLength = 2;
            return http.Response.Body.WriteAsync("ok"u8.ToArray()).AsTask();
        });
        await app.RunAsync();
        return 0;
    }
}
