using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;
using CloudPhone.Sidecar.Secrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Sidecar.Tests.Resources;

public sealed class ComponentLoaderTests : IAsyncDisposable
{
    readonly ResourceFolder _folder = new();
    readonly ComponentRegistry _registry = new();
    readonly FakeTimeProvider _time = new();
    readonly List<Component> _made = [];
    bool _disposed;

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Secret_stores_come_first_and_references_are_resolved()
    {
        _folder.Environment["ADDRESS"] = "server:1";
        _folder.Environment["EMPTY"] = "";
        _folder.File("a.yaml", Component("x", "test.thing", """
            - {name: address, secretKeyRef: {name: ADDRESS, key: ADDRESS}}
            - {name: empty, envRef: EMPTY}
            - {name: absent, envRef: NOT_SET}
            - {name: client, value: "{appID} {namespace}"}
            """, "auth: {secretStore: env}"));
        _folder.File("b.yaml", Component("env", "secretstores.local.env"));
        await LoadAsync();
        Assert.Equal(["env", "x"], _registry.All.Select(c => c.Component.Name));
        var metadata = Assert.Single(_made).Metadata.All;
        Assert.Equal(("server:1", "", "", "user-service default.user-service"),
            (metadata["address"], metadata["empty"], metadata["absent"], metadata["client"]));
    }

    [Theory]
    [InlineData("- {name: address, secretKeyRef: {name: a, key: b}}", "auth: {secretStore: nope}",
        "a.yaml: component 'x': spec.metadata 'address': auth.secretStore 'nope' is not a loaded secret store.")]
    [InlineData("- {name: address, secretKeyRef: {name: a, key: b}}", "auth: {secretStore: env}",
        "a.yaml: component 'x': spec.metadata 'address': the secret store 'env' has no secret 'a' with the key 'b'.")]
    [InlineData("- {name: address, envRef: DAPR_API_TOKEN}", "",
        "a.yaml: component 'x': spec.metadata 'address': envRef must not name DAPR_API_TOKEN.")]
    [InlineData("- {name: address, value: '{podName}'}", "",
        "a.yaml: component 'x': spec.metadata 'address': refers to {podName}, but POD_NAME is not set.")]
    [InlineData("- {name: colour, value: blue}", "",
        "a.yaml: component 'x': spec.metadata 'colour' is not a field of this component; "
        + "it knows absent, address, client, empty.")]
    public async Task Wrong_metadata(string metadata, string rest, string sentence)
    {
        _folder.File("a.yaml", Component("x", "test.thing", metadata, rest));
        _folder.File("b.yaml", Component("env", "secretstores.local.env"));
        Assert.Equal(sentence, await ErrorAsync());
    }

    [Fact]
    public async Task An_unknown_field_leaves_no_instance_behind()
    {
        _folder.File("a.yaml", Component("x", "test.thing", "- {name: colour, value: blue}"));
        await ErrorAsync();
        Assert.True(_disposed);
    }

    [Fact]
    public async Task An_unknown_type_names_the_known_ones()
    {
        _folder.File("a.yaml", Component("x", "pubsub.carrierpigeon", rest: "  ignoreErrors: true"));
        Assert.Equal("a.yaml: component 'x': spec.type 'pubsub.carrierpigeon' is not known; "
            + "known: secretstores.local.env, test.broken, test.slow, test.thing.", await ErrorAsync());
    }

    [Fact]
    public async Task Stores_that_wait_for_each_other()
    {
        const string Entry = "- {name: prefix, secretKeyRef: {name: a}}";
        _folder.File("a.yaml", Component("one", "secretstores.local.env", Entry, "auth: {secretStore: two}"));
        _folder.File("b.yaml", Component("two", "secretstores.local.env", Entry, "auth: {secretStore: one}"));
        Assert.Equal(
            "a.yaml: component 'one': auth.secretStore 'two' takes its secrets, directly or not, "
            + "from this component itself.",
            await ErrorAsync());
    }

    [Fact]
    public async Task A_component_that_fails_ends_the_sidecar_unless_it_may()
    {
        _folder.File("a.yaml", Component("x", "test.broken"));
        Assert.Equal(
            "a.yaml: component 'x' (test.broken) can't be initialised: the server is away", await ErrorAsync());
        _folder.File("a.yaml", Component("x", "test.broken", rest: "  ignoreErrors: true"));
        await LoadAsync();
        Assert.Empty(_registry.All);
    }

    [Fact]
    public async Task A_component_has_its_initTimeout()
    {
        _folder.File("a.yaml", Component("x", "test.slow", rest: "  initTimeout: 3s"));
        var error = ErrorAsync();
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(error.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal("a.yaml: component 'x' (test.slow) can't be initialised: not ready within 3 s (spec.initTimeout)",
            await error);
    }

    async Task<string> ErrorAsync() =>
        (await Assert.ThrowsAsync<ConfigurationException>(LoadAsync)).Message.Replace(_folder.Path + "/", "");

    async Task LoadAsync()
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(_folder.Options())
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton(EnvironmentSecretStore.Type)
            .AddSingleton(new ComponentType("test.thing", Thing))
            .AddSingleton(new ComponentType("test.broken", (_, _, _) => throw new IOException("the server is away")))
            .AddSingleton(new ComponentType("test.slow", async (_, _, ct) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, ct);
                return new object();
            }));
        await using var provider = services.BuildServiceProvider();
        await ComponentLoader.LoadAsync(_folder.Load(), provider, _registry, CancellationToken.None);
    }

    Task<object> Thing(Component component, IServiceProvider services, CancellationToken ct)
    {
        _made.Add(component);
        foreach (var known in new[] { "address", "empty", "absent", "client" })
            component.Metadata.Get(known);
        return Task.FromResult<object>(new Disposable(() => _disposed = true));
    }

    static string Component(string name, string type, string metadata = "", string rest = "") =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\nspec:\n  type: {type}\n"
        + (metadata.Length == 0 ? ""
            : "  metadata:\n" + string.Join("\n", metadata.Split('\n').Select(l => "  " + l)) + "\n") + rest + "\n";

    sealed class Disposable(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}
