namespace CloudPhone.Sidecar.Actors;

/// <summary>Which headers belong to one connection or one message and are not passed on.</summary>
static class ActorHeaders
{
    static readonly HashSet<string> OfTheConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "TE",
        "Trailer", "Proxy-Authenticate", "Proxy-Authorization", "Host", "Content-Length", "Expect", "Date",
        "Server", "dapr-api-token",
    };

    public static bool PassesOn(string name) => !OfTheConnection.Contains(name);

    /// <summary>Header names that begin with this belong to the body, and .NET keeps them there.</summary>
    public static void Add(HttpRequestMessage message, KeyValuePair<string, string> header)
    {
        if (PassesOn(header.Key) && !message.Headers.TryAddWithoutValidation(header.Key, header.Value))
            message.Content?.Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    public static IReadOnlyList<KeyValuePair<string, string>> Of(HttpResponseMessage response) =>
    [
        .. response.Headers.Concat(response.Content.Headers).Where(h => PassesOn(h.Key))
            .SelectMany(h => h.Value, (h, v) => KeyValuePair.Create(h.Key, v)),
    ];
}
