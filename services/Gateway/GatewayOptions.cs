using System.Net;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Gateway;

/// <summary>The gateway's settings, by the names of the environment variables.</summary>
public sealed class GatewayOptions
{
    /// <exception cref="SettingException">One of them is wrong.</exception>
    public GatewayOptions(IConfiguration configuration)
    {
        Sidecar = configuration.Address("DAPR_HTTP_ENDPOINT")
            ?? new($"http://127.0.0.1:{configuration.Number("DAPR_HTTP_PORT", 3500, 1, 65535)}");
        SidecarToken = configuration["DAPR_API_TOKEN"];
        UserRequestsPerSecond = configuration.Number("RATE_LIMIT_USER_PER_SECOND", 50, 1, 1_000_000);
        IpRequestsPerSecond = configuration.Number("RATE_LIMIT_IP_PER_SECOND", 50, 1, 1_000_000);
        LoginsPerMinute = configuration.Number("RATE_LIMIT_LOGIN_PER_MINUTE", 60, 1, 1_000_000);
        UploadBytes = configuration.Number("UPLOAD_LIMIT_MB", 512, 1, 8192) * (1L << 20);
        AnswerTimeout = TimeSpan.FromSeconds(configuration.Number("ANSWER_TIMEOUT_SECONDS", 100, 1, 3600));
        UploadTimeout = TimeSpan.FromSeconds(configuration.Number("UPLOAD_TIMEOUT_SECONDS", 1800, 1, 86400));
        MetricsToken = configuration["METRICS_TOKEN"] is { Length: > 0 } token ? token : null;
        if (MetricsToken?.Length < MinTokenLength)
            throw new SettingException($"Set METRICS_TOKEN to {MinTokenLength} characters or more, or to none.");
        TrustedProxies = [.. (configuration["TRUSTED_PROXIES"] ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(p => IPAddress.TryParse(p, out var address) ? address
                : throw new SettingException(
                    $"Set TRUSTED_PROXIES to addresses like 10.0.0.5, separated by commas, not '{p}'."))];
    }

    const int MinTokenLength = 16;

    /// <summary>The gateway's own sidecar.</summary>
    public Uri Sidecar { get; }
    public string? SidecarToken { get; }
    /// <summary>For each signed-in user; twice as much at once.</summary>
    public int UserRequestsPerSecond { get; }
    /// <summary>For each address that comes without a token; twice as much at once.</summary>
    public int IpRequestsPerSecond { get; }
    /// <summary>Registrations, logins and refreshes for each address.</summary>
    public int LoginsPerMinute { get; }
    /// <summary>Largest app file.</summary>
    public long UploadBytes { get; }
    /// <summary>A request on which nothing moves for so long is given up.</summary>
    public TimeSpan AnswerTimeout { get; }
    /// <summary>The same for an upload of an app, whose whole file is brought into the store before it is answered.
    /// </summary>
    public TimeSpan UploadTimeout { get; }
    /// <summary>Who shows it as bearer may read /metrics; null: callers in the own network may.</summary>
    public string? MetricsToken { get; }
    /// <summary>Only what these say about the caller's address is believed.</summary>
    public IReadOnlyList<IPAddress> TrustedProxies { get; }
}
