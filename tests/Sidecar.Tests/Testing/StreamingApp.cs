using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Sidecar.Tests.Testing;

/// <summary>An app that sends events when told to, and tells what it gets before the end of a request.</summary>
public sealed class StreamingApp : IAsyncDisposable
{
    readonly WebApplication _web;
    readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<string> _firstPart = new(TaskCreationOptions.RunContinuationsAsynchronously);

    StreamingApp(WebApplication web) => _web = web;

    /// <summary>Completes when a reader of the events has gone before their end.</summary>
    public Task Left => _left.Task;

    public Task<string> FirstPart => _firstPart.Task;

    /// <summary>Takes the place of another app at its port.</summary>
    public static async Task<StreamingApp> StartAsync(int port, RecordingApp before)
    {
        await before.DisposeAsync();
        var app = new StreamingApp(BareWeb.At(port).Build());
        app._web.Map("/events", app.EventsAsync);
        app._web.MapPost("/upload", app.UploadAsync);
        await app._web.StartAsync();
        return app;
    }

    public void Send(string text) => _events.Writer.TryWrite(text);

    public void End() => _events.Writer.Complete();

    async Task EventsAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.Body.FlushAsync();
        try
        {
            await foreach (var text in _events.Reader.ReadAllAsync(http.RequestAborted))
            {
                await http.Response.WriteAsync($"data: {text}\n");
                await http.Response.Body.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            _left.TrySetResult();
        }
    }

    async Task<string> UploadAsync(HttpRequest request)
    {
        var buffer = new byte[100];
        var n = await request.Body.ReadAsync(buffer);
        var first = System.Text.Encoding.UTF8.GetString(buffer, 0, n);
        _firstPart.TrySetResult(first);
        using var reader = new StreamReader(request.Body);
        return first + await reader.ReadToEndAsync();
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}

/// <summary>Sends "begin", waits, and sends "end"; chunked.</summary>
public sealed class PausingContent(Task pause) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync("begin"u8.ToArray());
        await stream.FlushAsync();
        await pause;
        await stream.WriteAsync("end"u8.ToArray());
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
