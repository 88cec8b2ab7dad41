using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Benchmarks.Programs;

/// <summary>An app that does nothing: it answers "ok", 404 to what its sidecar would like to know of it, and a
/// WebSocket with what comes by it.</summary>
static class Stub
{
    public static async Task<int> RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.UseWebSockets();
        app.Run(http =>
        {
            if (http.WebSockets.IsWebSocketRequest)
                return EchoAsync(http);
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

    static async Task EchoAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer.AsMemory(), http.RequestAborted) is var message
            && message.MessageType != WebSocketMessageType.Close)
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage,
                http.RequestAborted);
    }
}
