using System.Globalization;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>The document that a sidecar registers: what the configuration says, and the runtime's defaults.</summary>
static class ServiceRegistrationReader
{
    /// <returns>Null where the configuration asks for none, or there is no app that could be called.</returns>
    public static ServiceRegistration? Read(
        YamlFields fields, SidecarOptions options, string host, string portMetaKey)
    {
        var simple = Simple(fields, options, host);
        var service = fields.Has("advancedRegistration") ? Advanced(fields.Map("advancedRegistration"))
            : fields.Flag("selfRegister") && options.AppPort is not null ? simple
            : null;
        return service is null ? null : service with
        {
            Meta = new Dictionary<string, string>(service.Meta)
            {
                [portMetaKey] = Text(options.InternalGrpcPort!.Value),
            },
        };
    }

    static ServiceRegistration Simple(YamlFields fields, SidecarOptions options, string host)
    {
        var id = $"{options.AppId}-{host}-{Text(options.HttpPort)}";
        return new()
        {
            Id = id,
            Name = options.AppId,
            Address = host,
            Port = options.AppPort,
            Tags = fields.Texts("tags"),
            Meta = fields.TextMap("meta"),
            Checks = fields.Has("checks") ? Checks(fields) :
            [
                new()
                {
                    Name = "Dapr Health Status",
                    CheckId = $"daprHealth:{id}",
                    Interval = "15s",
                    Http = $"http://{host}:{Text(options.HttpPort)}/v1.0/healthz?appid={options.AppId}",
                },
            ],
        };
    }

    static ServiceRegistration Advanced(YamlFields written)
    {
        var name = written.Required("name");
        var service = new ServiceRegistration
        {
            Id = written.Text("id") is { Length: > 0 } id ? id : name,
            Name = name,
            Address = written.Text("address"),
            Port = written.Integer("port"),
            Tags = written.Texts("tags"),
            Meta = written.TextMap("meta"),
            EnableTagOverride = written.Has("enableTagOverride") ? written.Flag("enableTagOverride") : null,
            Weights = written.Has("weights") ? Weights(written.Map("weights")) : null,
            Checks = [.. written.Has("check") ? [Check(written.Map("check"))] : (ServiceCheck[])[], .. Checks(written)],
        };
        written.RejectUnknown();
        return service;
    }

    static ServiceWeights Weights(YamlFields written)
    {
        var weights = new ServiceWeights(written.Integer("passing") ?? 1, written.Integer("warning") ?? 1);
        written.RejectUnknown();
        return weights;
    }

    static ServiceCheck[] Checks(YamlFields fields) => [.. fields.Maps("checks").Select(Check)];

    static ServiceCheck Check(YamlFields written)
    {
        var check = new ServiceCheck
        {
            Name = written.Text("name"),
            CheckId = written.Text("checkID"),
            Interval = written.Text("interval"),
            Timeout = written.Text("timeout"),
            Status = written.Text("status"),
            Notes = written.Text("notes"),
            Http = written.Text("http"),
            Method = written.Text("method"),
            Header = written.Has("header") ? Header(written.Map("header")) : null,
            Tcp = written.Text("tcp"),
            TlsSkipVerify = written.Has("tlsSkipVerify") ? written.Flag("tlsSkipVerify") : null,
            SuccessBeforePassing = written.Integer("successBeforePassing"),
            FailuresBeforeCritical = written.Integer("failuresBeforeCritical"),
            DeregisterCriticalServiceAfter = written.Text("deregisterCriticalServiceAfter"),
        };
        written.RejectUnknown();
        if (check.Http is null == check.Tcp is null)
            throw written.Wrong("http", "or tcp is required, and only one of them");
        if (check.Interval is null)
            throw written.Wrong("interval", "is required, like 15s");
        if (check.Status is not (null or "passing" or "warning" or "critical"))
            throw written.Wrong("status", $"is '{check.Status}'; known: passing, warning, critical");
        return check;
    }

    static Dictionary<string, IReadOnlyList<string>> Header(YamlFields written) =>
        written.Names.ToDictionary(n => n, written.Texts);

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
