using CloudPhone.Sidecar.CommandLine;
using CloudPhone.Sidecar.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Sidecar.Tests.CommandLine;

public sealed class DaprdFlagTests
{
    static SidecarOptions Read(params string[] flags) =>
        DaprdCommand.Options(DaprdCommand.Create().Parse(flags), new Dictionary<string, string>
        {
            ["DAPR_API_TOKEN"] = "in", ["APP_API_TOKEN"] = "out", ["NAMESPACE"] = "prod",
        });

    [Fact]
    public void Flags_and_environment_become_options()
    {
        var o = Read("--app-id", "a", "--app-port=5000", "--dapr-http-port", "3501", "--dapr-grpc-port", "50002",
            "--dapr-internal-grpc-port", "50003", "--metrics-port", "9091", "--dapr-listen-addresses", "127.0.0.1,::1",
            "--resources-path", "/r1", "--resources-path", "/r2", "--config", "/c.yaml", "--log-level", "debug",
            "--enable-app-health-check", "--app-health-check-path", "/health/ready",
            "--app-health-probe-interval", "1", "--app-health-probe-timeout", "250", "--app-health-threshold", "2",
            "--app-max-concurrency", "7", "--max-body-size", "16Mi", "--read-buffer-size", "16Ki",
            "--disable-init-endpoints", "config", "--placement-host-address", "",
            "--scheduler-host-address", "127.0.0.1:50006");

        Assert.Equal(("a", 5000, 3501, 50002, 50003, 9091),
            (o.AppId, o.AppPort, o.HttpPort, o.GrpcPort, o.InternalGrpcPort, o.MetricsPort));
        Assert.Equal(["/r1", "/r2"], o.ResourcesPaths);
        Assert.Equal(["127.0.0.1", "::1"], o.ListenAddresses);
        Assert.Equal(("/c.yaml", LogLevel.Debug, true, "/health/ready"),
            (o.ConfigPath, o.LogLevel, o.EnableAppHealthCheck, o.AppHealthCheckPath));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(250), 2, 7),
            (o.AppHealthProbeInterval, o.AppHealthProbeTimeout, o.AppHealthThreshold, o.AppMaxConcurrency));
        Assert.Equal((16L << 20, 16 << 10), (o.MaxBodySize, o.ReadBufferSize));
        Assert.Equal(("in", "out", "prod"), (o.ApiToken, o.AppApiToken, o.Namespace));
        Assert.Contains("config", o.DisableInitEndpoints);
    }

    [Theory]
    [InlineData("--app-port", "70000", "--app-port must be a port between 1 and 65535, not '70000'.")]
    [InlineData("--app-port", "abc", "--app-port must be a port between 1 and 65535, not 'abc'.")]
    [InlineData("--max-body-size", "4Xi", "--max-body-size must be a size like 4Mi, not '4Xi'.")]
    [InlineData("--log-level", "loud", "--log-level must be debug, info, warn, error or fatal, not 'loud'.")]
    [InlineData("--app-health-threshold", "0", "--app-health-threshold must be a whole number above 0, not '0'.")]
    [InlineData("--enable-metrics", "maybe", "--enable-metrics must be true or false, not 'maybe'.")]
    [InlineData("--mode", "kubernetes", "--mode is not supported by this sidecar: it runs outside Kubernetes only.")]
    [InlineData("--sentry-address", "x:1",
        "--sentry-address is not supported by this sidecar: there is no mTLS between its sidecars.")]
    [InlineData("--enable-mtls", "true",
        "--enable-mtls is not supported by this sidecar: there is no mTLS between its sidecars.")]
    [InlineData("--app-protocol", "grpc", "--app-protocol is not supported by this sidecar: apps speak HTTP/1.1.")]
    public void A_wrong_value_is_one_sentence(string flag, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<ConfigurationException>(() => Read("--app-id", "a", flag, value)).Message);

    [Fact]
    public void An_app_id_is_needed() =>
        Assert.StartsWith("--app-id is required",
            Assert.Throws<ConfigurationException>(() => Read()).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--enable-mtls=false")]
    [InlineData("--mode=standalone")]
    [InlineData("--app-protocol=http")]
    [InlineData("--sentry-address=")]
    public void What_asks_for_nothing_special_is_taken(string flag) =>
        Assert.Equal("a", Read("--app-id", "a", flag).AppId);

    [Theory]
    [InlineData("4Mi", 4L << 20)]
    [InlineData("500k", 500_000)]
    [InlineData("1024", 1024)]
    [InlineData("1.5Ki", 1536)]
    [InlineData("-1", -1)]
    public void Quantities_are_read(string text, long bytes)
    {
        Assert.True(Quantity.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }
}
