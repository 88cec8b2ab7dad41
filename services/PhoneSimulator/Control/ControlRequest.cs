namespace CloudPhone.PhoneSimulator.Control;

/// <summary>A request, which has no body: all is in its path and headers.</summary>
sealed class ControlRequest
{
    readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    public required string Method { get; init; }
    public required string Path { get; init; }

    public string? this[string header] => _headers.GetValueOrDefault(header);

    /// <returns>Null where it is no HTTP/1.1 request that this port understands.</returns>
    public static ControlRequest? Parse(string head)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [var method, ['/', ..] path, "HTTP/1.1"])
            return null;
        var request = new ControlRequest { Method = method, Path = path };
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !request._headers.TryAdd(line[..colon], line[(colon + 1)..].Trim()))
                return null;
        }
        return request["Transfer-Encoding"] is null && request["Content-Length"] is null or "0" ? request : null;
    }
}

/// <param name="Then">What happens once the answer is out.</param>
sealed record ControlAnswer(int Status, byte[] Body, Action? Then = null);
