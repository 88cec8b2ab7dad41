using System.Globalization;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.State.Redis;

/// <summary>The metadata of <c>state.redis</c>.</summary>
/// <param name="Username">Null: the default user.</param>
/// <param name="ConnectTimeout">Longest time for one try to connect.</param>
/// <param name="Timeout">Longest time that an operation waits for its answer.</param>
sealed record RedisSettings(
    string Host, int Port, string? Username, string? Password, int Database, bool Tls, TimeSpan ConnectTimeout,
    TimeSpan Timeout)
{
    const int DefaultPort = 6379;

    /// <summary>Whom messages speak of.</summary>
    public string Address => $"{Host}:{Port}";

    public static RedisSettings Read(Component component)
    {
        var m = component.Metadata;
        var (host, port) = ReadAddress(m);
        var kind = m.Get("redisType", "node");
        if (kind != "node")
            throw m.Wrong("redisType", $"is '{kind}'; only node, one server, is known here");
        return new(
            host, port, Text(m, "redisUsername"), Text(m, "redisPassword"),
            m.GetInt("redisDB", 0) is var db and >= 0 ? db : throw m.Wrong("redisDB", "must be 0 or more"),
            m.GetBool("enableTLS", false), Positive(m, "dialTimeout", 5), Positive(m, "readTimeout", 3));
    }

    static (string Host, int Port) ReadAddress(ComponentMetadata m)
    {
        const string hostField = "redisHost", portField = "redisPort";
        var text = m.Required(hostField);
        var separate = m.GetInt(portField, 0);
        if (separate is < 0 or > ushort.MaxValue)
            throw m.Wrong(portField, $"must be a port, not '{separate}'");
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']'))
            colon = text.Length;
        var own = 0;
        var host = text[..colon].Trim('[', ']');
        if (host.Length == 0 || text.Contains(',', StringComparison.Ordinal)
            || (colon < text.Length && (!int.TryParse(
                text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out own)
                || own is 0 or > ushort.MaxValue)))
            throw m.Wrong(hostField, $"must be one server as host or host:port, like localhost:6379, not '{text}'");
        if (own != 0 && separate != 0 && own != separate)
            throw m.Wrong(portField, $"is {separate}, but redisHost has port {own}; leave one of them out");
        return (host, own != 0 ? own : separate != 0 ? separate : DefaultPort);
    }

    static string? Text(ComponentMetadata m, string field) => m.Get(field) is { Length: > 0 } text ? text : null;

    /// <summary>A Go duration; a bare number is in milliseconds, as the runtime has it for Redis.</summary>
    static TimeSpan Positive(ComponentMetadata m, string field, int seconds) =>
        m.Get(field) is not { Length: > 0 } text ? TimeSpan.FromSeconds(seconds)
        : GoDuration.TryParse(text, TimeSpan.FromMilliseconds(1), out var value)
            && value > TimeSpan.Zero && value < TimeSpan.FromHours(1) ? value
        : throw m.Wrong(field, $"must be a duration like 3s, more than zero and less than an hour, not '{text}'");
}
