using System.Net;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Posts events to the app.</summary>
sealed class AppDelivery(AppChannel app, Configuration configuration)
{
    /// <summary>Answers larger than this say nothing about an event.</summary>
    const int LargestAnswer = 1 << 20;

    public async Task<(HttpStatusCode Status, byte[] Body)> PostAsync(
        string path, ReadOnlyMemory<byte> body, string contentType, string pubSub, IReadOnlyDictionary<string, string> metadata,
        string? trace, CancellationToken ct)
    {
        using var content = new ReadOnlyMemoryContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.BaseAddress, path)) { Content = content };
        foreach (var (key, value) in metadata)
            if (IsHeader(key, value))
                request.Headers.TryAddWithoutValidation(key, value);
        request.Headers.TryAddWithoutValidation("pubsubName", pubSub);
        if (EventTrace.OfDelivery(configuration.Tracing.SamplingRate, trace) is { } traceParent)
            request.Headers.TryAddWithoutValidation("traceparent", traceParent);
        using var response = await app.SendAsync(request, ct);
        return (response.StatusCode, await ReadAsync(response.Content, ct));
    }

    /// <summary>Content's own headers stay the event's; what can't be written in a header is left out.</summary>
    static bool IsHeader(string key, string value) =>
        !key.StartsWith("content-", StringComparison.OrdinalIgnoreCase) && !value.AsSpan().ContainsAny('\r', '\n', '\0');

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
