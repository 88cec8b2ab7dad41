using System.Globalization;
using System.Text;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>Reads the component's configuration as the runtime does; an unknown field is an error that names
/// it.</summary>
static class ConsulSettingsReader
{
    const string Variables = "CONSUL_HTTP_";

    public static ConsulSettings Read(YamlFields fields, SidecarOptions options)
    {
        var host = HostAddress.Registered(options);
        var port = options.InternalGrpcPort ?? throw new ConfigurationException(
            $"{fields.File}: registering with Consul needs a fixed port; give --dapr-internal-grpc-port.");
        var client = fields.Map("client");
        var settings = new ConsulSettings(Endpoint(client, options.Environment), Query(fields, client))
        {
            SelfDeregister = fields.Flag("selfDeregister"),
            UseCache = fields.Flag("useCache"),
            PortMetaKey = fields.Text("daprPortMetaKey") is { Length: > 0 } key ? key : "DAPR_PORT",
            OwnAuthority = new Uri($"http://{host}:{port}").Authority,
        };
        settings = settings with
        {
            Registration = ServiceRegistrationReader.Read(fields, options, host, settings.PortMetaKey),
        };
        client.RejectUnknown();
        fields.RejectUnknown();
        return settings;
    }

    static ConsulEndpoint Endpoint(YamlFields client, IReadOnlyDictionary<string, string> environment)
    {
        var ssl = environment.GetValueOrDefault(Variables + "SSL") is "true" or "1";
        var scheme = Given(client, "scheme") ?? (ssl ? "https" : "http");
        var address = Given(client, "address") ?? Variable(environment, "ADDR") ?? "127.0.0.1:8500";
        if (!address.Contains("://", StringComparison.Ordinal))
            address = $"{scheme}://{address}";
        if (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https"))
            throw client.Wrong("address", $"must be like 127.0.0.1:8500 or https://consul:8501, not '{address}'");
        var wait = Nanoseconds(client, "waitTime") ?? TimeSpan.FromMinutes(1);
        return new(uri, Token(client, environment), Authorization(client, environment), wait);
    }

    static string? Token(YamlFields client, IReadOnlyDictionary<string, string> environment)
    {
        var (own, file) = (Given(client, "token"), Given(client, "tokenFile"));
        file ??= own is null ? Variable(environment, "TOKEN_FILE") : null;
        try
        {
            return (file is null ? null : File.ReadAllText(file).Trim()) is { Length: > 0 } read
                ? read : own ?? Variable(environment, "TOKEN");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw client.Wrong("tokenFile", $"can't be read: {e.Message}");
        }
    }

    static string? Authorization(YamlFields client, IReadOnlyDictionary<string, string> environment)
    {
        var auth = client.Map("httpAuth");
        var written = client.Has("httpAuth")
            ? $"{auth.Required("username")}:{auth.Text("password")}" : Variable(environment, "AUTH");
        auth.RejectUnknown();
        return written is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(written));
    }

    /// <summary>Without options, the agent's cache answers.</summary>
    static HealthQuery Query(YamlFields fields, YamlFields client)
    {
        var options = fields.Map("queryOptions");
        var parameters = new StringBuilder();
        Add("dc", Given(options, "datacenter") ?? Given(client, "datacenter"));
        Add("near", Given(options, "near"));
        Add("filter", Given(options, "filter"));
        foreach (var (name, value) in options.TextMap("nodeMeta"))
            Add("node-meta", $"{name}:{value}");
        var isConsistent = options.Flag("requireConsistent");
        var isCached = options.Flag("useCache", fallback: !fields.Has("queryOptions")) && !isConsistent;
        parameters.Append(options.Flag("allowStale") ? "&stale" : "").Append(isConsistent ? "&consistent" : "")
            .Append(isCached ? "&cached" : "");
        List<string> cache = [];
        Age("max-age", Nanoseconds(options, "maxAge"));
        Age("stale-if-error", Nanoseconds(options, "staleIfError"));
        var query = new HealthQuery(parameters.ToString(), Given(options, "token"),
            isCached && cache.Count > 0 ? string.Join(", ", cache) : null);
        options.RejectUnknown();
        return query;

        void Add(string name, string? value) =>
            parameters.Append(value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}");

        void Age(string name, TimeSpan? age)
        {
            if (age > TimeSpan.Zero)
                cache.Add(string.Create(CultureInfo.InvariantCulture, $"{name}={age.Value.TotalSeconds:0}"));
        }
    }

    static TimeSpan? Nanoseconds(YamlFields fields, string field) => fields.Text(field) switch
    {
        null => null,
        var t when long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) =>
            TimeSpan.FromTicks(n / TimeSpan.NanosecondsPerTick),
        var t => throw fields.Wrong(field, $"must be a whole number of nanoseconds, like 5000000000, not '{t}'"),
    };

    static string? Given(YamlFields fields, string field) => fields.Text(field) is { Length: > 0 } t ? t : null;

    static string? Variable(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.GetValueOrDefault(Variables + name) is { Length: > 0 } value ? value : null;
}
