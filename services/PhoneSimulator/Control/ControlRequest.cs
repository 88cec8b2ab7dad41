using System.Globalization;

namespace CloudPhone.PhoneSimulator.Control;

/// <summary>A request's head, and its body as a stream.</summary>
sealed class ControlRequest
{
    readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    public required string Method { get; init; }
    public required string Path { get; init; }
    public long ContentLength { get; private set; }
    public BodyStream Body { get; set; } = null!;

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
        if (request["Transfer-Encoding"] is not null)
            return null;
        if (request["Content-Length"] is not { } length)
            return request;
        if (!long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var n))
            return null;
        request.ContentLength = n;
        return request;
    }
}

/// <param name="Then">What happens once the answer is out.</param>
sealed record ControlAnswer(int Status, byte[] Body, Action? Then = null);
