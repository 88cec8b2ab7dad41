using System.Text;
using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;
using Dapr;
using Dapr.Client;
using Grpc.Core;

namespace CloudPhone.Sidecar.Tests.Grpc;

/// <summary>The gRPC API as the real SDK uses it.</summary>
public sealed class GrpcApiTests : IAsyncLifetime
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grpc-");
    RecordingApp _app = null!;
    TestSidecar _sidecar = null!;
    DaprClient _dapr = null!;

    public async ValueTask InitializeAsync()
    {
        var secrets = Path.Combine(_folder.FullName, "secrets.json");
        await File.WriteAllTextAsync(secrets, """{"db":{"user":"u","password":"p"},"plain":"x"}""");
        _app = await RecordingApp.StartAsync(subscribe: """[{"pubsubname":"pubsub","topic":"t","route":"/events"}]""");
        _sidecar = await TestSidecar.StartAsync("user-service", _app, [
            TestSidecar.Component("pubsub", "pubsub.in-memory"),
            TestSidecar.Component(
                "secrets", "secretstores.local.file", ("secretsFile", secrets), ("multiValued", "true")),
            TestSidecar.Component(
                "files", "bindings.localstorage", ("rootPath", Path.Combine(_folder.FullName, "blobs")))]);
        _dapr = Client(_sidecar);
    }

    public async ValueTask DisposeAsync()
    {
        _dapr.Dispose();
        await _sidecar.DisposeAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    static DaprClient Client(TestSidecar sidecar, string? token = null)
    {
        var builder = new DaprClientBuilder().UseGrpcEndpoint(sidecar.GrpcEndpoint)
            .UseHttpEndpoint(sidecar.HttpEndpoint);
        return (token is null ? builder : builder.UseDaprApiToken(token)).Build();
    }

    [Fact]
    public async Task Publishes_with_metadata()
    {
        await _dapr.PublishEventAsync("pubsub", "t", new { name = "phone" }, new Dictionary<string, string>
        {
            ["cloudevent.type"] = "device.created", ["cloudevent.id"] = "42",
        });
        var e = JsonDocument.Parse((await _app.WaitAsync("/events"))[0].Body).RootElement;
        Assert.Equal(("device.created", "42", "user-service", "phone"),
            (e.GetProperty("type").GetString(), e.GetProperty("id").GetString(),
            e.GetProperty("source").GetString(), e.GetProperty("data").GetProperty("name").GetString()));
        Assert.Equal("application/json", e.GetProperty("datacontenttype").GetString());
    }

    [Fact]
    public async Task Publishes_in_bulk()
    {
        var answer = await _dapr.BulkPublishEventAsync(
            "pubsub", "t", (List<object>)[new { n = 1 }, new { n = 2 }, new { n = 3 }]);
        Assert.Empty(answer.FailedEntries);
        var seen = await _app.WaitAsync("/events", 3);
        Assert.Equal([1, 2, 3], seen.Select(
            r => JsonDocument.Parse(r.Body).RootElement.GetProperty("data").GetProperty("n").GetInt32()).Order());
    }

    [Fact]
    public async Task An_unknown_component_is_told_with_the_runtimes_status()
    {
        var publish = await Assert.ThrowsAsync<DaprException>(() => _dapr.PublishEventAsync("nope", "t", 1));
        Assert.Equal(StatusCode.InvalidArgument, Status(publish));
        var secret = await Assert.ThrowsAsync<DaprException>(() => _dapr.GetSecretAsync("nope", "a"));
        Assert.Equal(StatusCode.InvalidArgument, Status(secret));
        Assert.Contains("failed finding secret store with key nope", secret.InnerException!.Message);
        var missing = await Assert.ThrowsAsync<DaprException>(() => _dapr.GetSecretAsync("secrets", "a"));
        Assert.Equal(StatusCode.Internal, Status(missing));
        var binding = await Assert.ThrowsAsync<DaprException>(() => _dapr.InvokeBindingAsync("nope", "create", "x"));
        Assert.Equal(StatusCode.Internal, Status(binding));
    }

    [Fact]
    public async Task Gives_secrets()
    {
        var db = await _dapr.GetSecretAsync("secrets", "db");
        Assert.Equal(("u", "p"), (db["user"], db["password"]));
        var all = await _dapr.GetBulkSecretAsync("secrets");
        Assert.Equal(("p", "x"), (all["db"]["password"], all["plain"]["plain"]));
    }

    [Fact]
    public async Task Invokes_bindings()
    {
        var metadata = new Dictionary<string, string> { ["fileName"] = "f.json" };
        var created = await _dapr.InvokeBindingAsync<object, JsonElement>("files", "create", new { a = 1 }, metadata);
        Assert.Equal("f.json", created.GetProperty("fileName").GetString());
        var read = await _dapr.InvokeBindingAsync(new("files", "get") { Metadata = { ["fileName"] = "f.json" } });
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(read.Data.Span));
        await _dapr.InvokeBindingAsync("files", "delete", "", metadata);
    }

    [Fact]
    public async Task Tells_and_takes_metadata()
    {
        await _dapr.SetMetadataAsync("colour", "blue");
        var metadata = await _dapr.GetMetadataAsync();
        Assert.Equal("user-service", metadata.Id);
        Assert.Equal("blue", metadata.Extended["colour"]);
        Assert.Equal(["files", "pubsub", "secrets"], metadata.Components.Select(c => c.Name).Order());
        Assert.Equal("bindings.localstorage", metadata.Components.Single(c => c.Name == "files").Type);
    }

    [Fact]
    public async Task Without_the_token_nothing_is_answered()
    {
        await using var sidecar = await TestSidecar.StartAsync("guarded", resources:
            [TestSidecar.Component("env", "secretstores.local.env")], with: o => o with { ApiToken = "s3cret" });
        using var stranger = Client(sidecar);
        Assert.Equal(StatusCode.Unauthenticated,
            Status(await Assert.ThrowsAsync<DaprException>(() => stranger.GetMetadataAsync())));
        using var wrong = Client(sidecar, "other");
        Assert.Equal(StatusCode.Unauthenticated,
            Status(await Assert.ThrowsAsync<DaprException>(() => wrong.GetSecretAsync("env", "a"))));
        using var friend = Client(sidecar, "s3cret");
        Assert.Equal("guarded", (await friend.GetMetadataAsync()).Id);
    }

    [Fact]
    public async Task Shuts_down()
    {
        await using var sidecar = await TestSidecar.StartAsync("ends");
        using var dapr = Client(sidecar);
        await dapr.ShutdownSidecarAsync();
        await Wait.UntilAsync("the end of the sidecar", async () => !await dapr.CheckHealthAsync());
    }

    [Fact]
    public async Task What_nobody_implements_is_UNIMPLEMENTED()
    {
#pragma warning disable CS0618, DAPR_DISTRIBUTEDLOCK // any call that this sidecar does not have will do
        var error = await Assert.ThrowsAsync<DaprException>(() => _dapr.Lock("lock", "r", "me", 10));
#pragma warning restore CS0618, DAPR_DISTRIBUTEDLOCK
        Assert.Equal(StatusCode.Unimplemented, Status(error));
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused()
    {
        await using var sidecar = await TestSidecar.StartAsync("small", resources:
            [TestSidecar.Component("pubsub", "pubsub.in-memory")], with: o => o with { MaxBodySize = 10_000 });
        using var dapr = Client(sidecar);
        await dapr.PublishEventAsync("pubsub", "t", new string('x', 5_000));
        var error = await Assert.ThrowsAsync<DaprException>(
            () => dapr.PublishEventAsync("pubsub", "t", new string('x', 20_000)));
        Assert.Equal(StatusCode.ResourceExhausted, Status(error));
    }

    static StatusCode Status(DaprException e) => Assert.IsType<RpcException>(e.InnerException).StatusCode;
}
