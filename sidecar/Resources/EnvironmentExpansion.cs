using System.Globalization;
using System.Text.RegularExpressions;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Resources;

/// <summary>$NAME and ${NAME} in a Configuration: the environment, and what the sidecar says of itself.</summary>
static partial class EnvironmentExpansion
{
    [GeneratedRegex(@"\$(?:\{(\w+)\}|([A-Za-z_]\w*))")]
    private static partial Regex Variable();

    /// <exception cref="ConfigurationException">A variable is not set.</exception>
    public static string Expand(string text, string file, SidecarOptions options) => Variable().Replace(text, m =>
    {
        var name = m.Groups[1].Success ? m.Groups[1].Value : m.Groups[2].Value;
        return Own(name, options) ?? options.Environment.GetValueOrDefault(name)
            ?? throw new ConfigurationException(
                $"{file}: the environment variable {name}, which it refers to, is not set.");
    });

    static string? Own(string name, SidecarOptions options) => name switch
    {
        "APP_ID" => options.AppId,
        "APP_PORT" => Text(options.AppPort),
        "HOST_ADDRESS" => HostAddress.Of(options.Environment),
        "DAPR_HTTP_PORT" => Text(options.HttpPort),
        "DAPR_GRPC_PORT" => Text(options.GrpcPort),
        "DAPR_PORT" => Text(options.InternalGrpcPort),
        "DAPR_METRICS_PORT" => Text(options.MetricsPort),
        _ => null,
    };

    static string? Text(int? port) => port?.ToString(CultureInfo.InvariantCulture);
}
