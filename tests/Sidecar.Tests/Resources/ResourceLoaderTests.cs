using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Tests.Resources;

public sealed class ResourceLoaderTests : IDisposable
{
    readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_every_document_of_every_yaml_file_in_the_order_of_names()
    {
        _folder.File("b.yml", Component("three"));
        _folder.File("a.yaml", $"# a comment\n---\n{Component("one")}---\n{Component("two")}---\n");
        _folder.File("notes.txt", "no YAML: [");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "deeper"));
        _folder.File("deeper/c.yaml", Component("four"));
        Assert.Equal(["one", "two", "three"], _folder.Load().Components.Select(c => c.Name));
    }

    [Fact]
    public void Leaves_out_what_is_scoped_to_other_apps_or_namespaces_but_checks_it()
    {
        _folder.Environment["NAMESPACE"] = "production";
        _folder.File("a.yaml",
            Component("mine", scopes: "[user-service, other]") + "---\n" + Component("theirs", scopes: "[other]")
            + "---\n" + Component("here", space: "production") + "---\n" + Component("elsewhere", space: "staging"));
        Assert.Equal(["mine", "here"], _folder.Load().Components.Select(c => c.Name));
        _folder.File("b.yaml", Component("theirs", scopes: "[other]") + "colour: blue\n");
        Assert.StartsWith("b.yaml: field 'colour'", _folder.Error());
    }

    [Fact]
    public void A_component_has_values_of_every_kind()
    {
        _folder.File("a.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: store, labels: {a: b}}
            spec:
              type: state.sqlite
              version: v1
              initTimeout: 1m
              ignoreErrors: true
              metadata:
                - {name: text, value: "007"}
                - {name: number, value: 007}
                - {name: flag, value: true}
                - {name: list, value: [1, "b", {c: 1.5}]}
                - {name: nothing}
                - {name: secret, secretKeyRef: {name: db, key: password}}
                - {name: short, secretKeyRef: {name: db}}
                - {name: variable, envRef: HOME}
            auth: {secretStore: env}
            """);
        var component = Assert.Single(_folder.Load().Components);
        Assert.Equal((true, TimeSpan.FromMinutes(1), "env"),
            (component.IgnoreErrors, component.InitTimeout, component.SecretStore));
        Assert.Equal(
            [
                new("text", "007", null, null), new("number", "007", null, null), new("flag", "true", null, null),
                new("list", """[1,"b",{"c":1.5}]""", null, null), new("nothing", null, null, null),
                new("secret", null, new("db", "password"), null), new("short", null, new("db", "db"), null),
                new MetadataItem("variable", null, null, "HOME"),
            ], component.Metadata);
    }

    [Fact]
    public void Subscriptions_of_both_versions()
    {
        _folder.File("a.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Subscription
            metadata: {name: one}
            spec: {pubsubname: pubsub, topic: t, route: /all, deadLetterTopic: dead,
              metadata: {routingKey: "a.#", priority: 5}}
            ---
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata: {name: two}
            spec:
              pubsubname: pubsub
              topic: u
              routes:
                rules: [{match: 'event.type == "a"', path: /a}]
                default: /rest
              bulkSubscribe: {enabled: true, maxMessagesCount: 10}
            """);
        var subscriptions = _folder.Load().Subscriptions;
        Assert.Equal(("t", "/all", "dead"),
            (subscriptions[0].Topic, subscriptions[0].DefaultPath, subscriptions[0].DeadLetterTopic));
        Assert.Equal(("a.#", "5"), (subscriptions[0].Metadata["routingKey"], subscriptions[0].Metadata["priority"]));
        Assert.Equal(new SubscriptionRule("event.type == \"a\"", "/a"), Assert.Single(subscriptions[1].Rules));
        Assert.Equal(new(10, TimeSpan.FromSeconds(1)), subscriptions[1].Bulk);
    }

    [Fact]
    public void A_Resiliency_that_is_not_the_first_document_is_left_out_with_a_word()
    {
        _folder.File("a.yaml",
            Component("x") + "---\napiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: {name: r}\nspec: {}\n");
        var loaded = _folder.Load();
        Assert.Empty(loaded.Resiliency);
        Assert.EndsWith(
            "a.yaml: a Resiliency is read only as the first document of a file.", Assert.Single(loaded.Warnings));
    }

    [Fact]
    public void A_Configuration_knows_the_sidecar_and_its_environment()
    {
        _folder.Environment["DAPR_HOST_IP"] = "10.1.2.3";
        _folder.Environment["CONSUL"] = "consul:8500";
        var configuration = _folder.Load("""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: {name: appconfig}
            spec:
              # $NOT_SET in a comment does no harm
              tracing: {samplingRate: "0.5", otel: {endpointAddress: "127.0.0.1:4317", protocol: grpc, isSecure: false}}
              metrics: {enabled: false}
              features: [{name: ActorStateTTL, enabled: true}]
              nameResolution:
                component: consul
                configuration:
                  client: {address: "${CONSUL}"}
                  selfRegister: true
                  port: $DAPR_HTTP_PORT
                  checks: [{http: "http://${HOST_ADDRESS}:${DAPR_HTTP_PORT}/v1.0/healthz?appid=$APP_ID"}]
            """).Configuration;
        Assert.Equal((0.5, new OtelExporter("127.0.0.1:4317", "grpc", false)),
            (configuration.Tracing.SamplingRate, configuration.Tracing.Otel));
        Assert.False(configuration.MetricsEnabled);
        Assert.True(configuration.Features["ActorStateTTL"]);
        var settings = Assert.IsType<Dictionary<string, object?>>(configuration.NameResolution!.Value("configuration"));
        Assert.Equal("consul:8500", Assert.IsType<Dictionary<string, object?>>(settings["client"])["address"]);
        Assert.Equal((true, 3501L), (settings["selfRegister"], settings["port"]));
        var checks = Assert.IsType<List<object?>>(settings["checks"]);
        var check = Assert.IsType<Dictionary<string, object?>>(Assert.Single(checks));
        Assert.Equal("http://10.1.2.3:3501/v1.0/healthz?appid=user-service", check["http"]);
    }

    [Fact]
    public void Without_tracing_there_is_no_sampling_rate() =>
        Assert.Null(_folder.Load().Configuration.Tracing.SamplingRate);

    static string Component(string name, string? scopes = null, string? space = null) =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n"
            + (space is null ? "" : $"  namespace: {space}\n")
        + "spec: {type: state.in-memory, version: v1}\n" + (scopes is null ? "" : $"scopes: {scopes}\n");
}
