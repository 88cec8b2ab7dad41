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
        const string field = "redisHost";
        var text = m.Required(field);
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || text.Contains(',', StringComparison.Ordinal)
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is 0 or > ushort.MaxValue)
            throw m.Wrong(field, $"must be one server as host:port, like localhost:6379, not '{text}'");
        return (text[..colon].Trim('[', ']'), port);
    }

    static string? Text(ComponentMetadata m, string field) => m.Get(field) is { Length: > 0 } text ? text : null;

    static TimeSpan Positive(ComponentMetadata m, string field, int seconds)
    {
        var value = m.GetDuration(field, TimeSpan.FromSeconds(seconds));
        return value > TimeSpan.Zero && value < TimeSpan.FromHours(1)
            ? value
            : throw m.Wrong(field, "must be more than zero and less than an hour");
    }
}
