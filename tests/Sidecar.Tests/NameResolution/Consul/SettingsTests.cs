using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.NameResolution.Consul;
using CloudPhone.Sidecar.Tests.Resources;

namespace CloudPhone.Sidecar.Tests.NameResolution.Consul;

/// <summary>The component's configuration, and what is wrong in it.</summary>
public sealed class SettingsTests : IDisposable
{
    readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_defaults_are_those_of_the_runtime_and_of_Consuls_variables()
    {
        Assert.Equal("http://127.0.0.1:8500/", Read("{}").Endpoint.Address.AbsoluteUri);
        Assert.Equal(("&cached", null, null),
            (Read("{}").Query.Parameters, Read("{}").Registration, Read("{}").Endpoint.Token));

        _folder.Environment["CONSUL_HTTP_ADDR"] = "consul:8501";
        _folder.Environment["CONSUL_HTTP_SSL"] = "true";
        _folder.Environment["CONSUL_HTTP_TOKEN"] = "t1";
        _folder.Environment["CONSUL_HTTP_AUTH"] = "user:secret";
        var endpoint = Read("{}").Endpoint;
        Assert.Equal(("https://consul:8501/", "t1", "Basic dXNlcjpzZWNyZXQ="),
            (endpoint.Address.AbsoluteUri, endpoint.Token, endpoint.Authorization));

        var file = _folder.File("token", "t2\n");
        endpoint = Read($"{{client: {{address: '10.0.0.1:1', scheme: http, tokenFile: {file}, waitTime: 5000000000, "
            + "httpAuth: {username: a, password: b}}}").Endpoint;
        Assert.Equal(("http://10.0.0.1:1/", "t2", "Basic YTpi", TimeSpan.FromSeconds(5)),
            (endpoint.Address.AbsoluteUri, endpoint.Token, endpoint.Authorization, endpoint.Wait));
    }

    [Fact]
    public void Query_options_become_Consuls_parameters()
    {
        var query = Read("{client: {datacenter: here}, queryOptions: {useCache: true, maxAge: 30000000000, "
            + "near: _agent, staleIfError: 60000000000, nodeMeta: {zone: a b}, filter: 'Service.Tags contains x', "
            + "allowStale: true, token: own}}").Query;

        Assert.Equal("&dc=here&near=_agent&filter=Service.Tags%20contains%20x&node-meta=zone%3Aa%20b&stale&cached",
            query.Parameters);
        Assert.Equal(("own", "max-age=30, stale-if-error=60"), (query.Token, query.CacheControl));
        Assert.Equal("&consistent", Read("{queryOptions: {requireConsistent: true, useCache: true}}").Query.Parameters);
        Assert.Equal("", Read("{queryOptions: {useCache: false}}").Query.Parameters);
    }

    [Theory]
    [InlineData("{selfregister: true}", "configuration.selfregister' is not a known field; "
        + "known here: advancedRegistration, checks, client, daprPortMetaKey, meta, queryOptions, selfDeregister, "
        + "selfRegister, tags, useCache.")]
    [InlineData("{client: {tlsConfig: {}}}", "configuration.client.tlsConfig' is not a known field; "
        + "known here: address, datacenter, httpAuth, scheme, token, tokenFile, waitTime.")]
    [InlineData("{client: {waitTime: 5s}}",
        "configuration.client.waitTime' must be a whole number of nanoseconds, like 5000000000, not '5s'.")]
    [InlineData("{client: {address: 'unix:///run/consul'}}",
        "configuration.client.address' must be like 127.0.0.1:8500 or https://consul:8501, not 'unix:///run/consul'.")]
    [InlineData("{queryOptions: {namespace: x}}", "configuration.queryOptions.namespace' is not a known field; "
        + "known here: allowStale, datacenter, filter, maxAge, near, nodeMeta, requireConsistent, staleIfError, "
        + "token, useCache.")]
    [InlineData("{checks: [{name: a, http: b}]}", "configuration.checks[0].interval' is required, like 15s.")]
    [InlineData("{checks: [{name: a, interval: 1s}]}",
        "configuration.checks[0].http' or tcp is required, and only one of them.")]
    [InlineData("{checks: [{interval: 1s, http: b, status: fine}]}",
        "configuration.checks[0].status' is 'fine'; known: passing, warning, critical.")]
    [InlineData("{advancedRegistration: {id: x}}", "configuration.advancedRegistration.name' is required.")]
    public void What_is_wrong_is_named(string configuration, string sentence) =>
        Assert.Equal($"config.txt: field 'spec.nameResolution.{sentence}", Error("consul", configuration));

    [Fact]
    public void Another_component_is_refused() =>
        Assert.Equal(
            "config.txt: field 'spec.nameResolution.component' is 'mdns'; known: consul.", Error("mdns", "{}"));

    ConsulSettings Read(string configuration)
    {
        var options = Options("consul", configuration);
        var written = CloudPhone.Sidecar.Resources.ResourceLoader.Load(options).Configuration.NameResolution!;
        return ConsulSettingsReader.Read(written.Map("configuration"), options);
    }

    /// <summary>The sentence that a start ends with.</summary>
    string Error(string component, string configuration)
    {
        var server = new SidecarServer(Options(component, configuration), new());
        var start = server.StartAsync(CancellationToken.None);
        return Assert.IsType<ConfigurationException>(start.Exception!.InnerException)
            .Message.Replace(_folder.Path + "/", "");
    }

    SidecarOptions Options(string component, string configuration) => _folder.Options($$"""
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata: {name: x}
        spec:
          nameResolution:
            component: {{component}}
            configuration: {{configuration}}
        """) with { InternalGrpcPort = 3502 };
}
