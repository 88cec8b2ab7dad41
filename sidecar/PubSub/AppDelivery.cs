using System.Diagnostics;
using System.Net;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.App;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Posts events to the app.</summary>
sealed class AppDelivery(AppChannel app, TraceContext trace)
{
    /// <summary>Answers larger than this say nothing about an event.</summary>
    const int LargestAnswer = 1 << 20;

    public async Task<(HttpStatusCode Status, byte[] Body)> PostAsync(
        string path, ReadOnlyMemory<byte> body, string contentType, string pubSub,
        IReadOnlyDictionary<string, string> metadata,
        string? traceParent, CancellationToken ct)
    {
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.BaseAddress, path));
        request.Content = content;
        foreach (var (key, value) in metadata)
            if (IsHeader(key, value))
                request.Headers.TryAddWithoutValidation(key, value);
        request.Headers.TryAddWithoutValidation("pubsubName", pubSub);
        using var span = trace.Start($"pubsub{path}", ActivityKind.Client, traceParent, tracestate: null);
        if (EventTrace.OfDelivery(trace, span, traceParent) is { } header)
            request.Headers.TryAddWithoutValidation(TraceContext.ParentHeader, header);
        using var response = await app.SendAsync(request, ct);
        return (response.StatusCode, await ReadAsync(response.Content, ct));
    }

    /// <summary>Content's own headers stay the event's; what can't be written in a header is left out.</summary>
    static bool IsHeader(string key, string value) =>
        !key.StartsWith("content-", StringComparison.OrdinalIgnoreCase)
            && !value.AsSpan().ContainsAny('\r', '\n', '\0');

    static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken ct)
    {
        using var stream = await content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var chunk = new byte[4096];
        while (body.Length <= LargestAnswer && await stream.ReadAsync(chunk, ct) is > 0 and var read)
            body.Write(chunk, 0, read);
        return body.ToArray();
    }
}
