using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Bindings;

public sealed class LocalStorageTests : IAsyncLifetime
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("storage-");
    TestSidecar _sidecar = null!;

    string Root => Path.Combine(_folder.FullName, "blobs");

    public async ValueTask InitializeAsync() => _sidecar = await TestSidecar.StartAsync(
        "app-service", resources: [TestSidecar.Component("files", "bindings.localstorage", ("rootPath", Root))]);

    public async ValueTask DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task As_recorded_on_the_runtime()
    {
        Assert.Equal((200, """{"fileName":"a/b.txt"}"""), await GoAsync("create", "hello", "a/b.txt"));
        Assert.Equal((200, "hello"), await GoAsync("get", fileName: "a/b.txt"));
        Assert.Equal((200, $"[\"{Root}/a/b.txt\"]"), await GoAsync("list"));
        Assert.Equal(500, (await GoAsync("get", fileName: "none")).Status);
        Assert.Equal(200, (await GoAsync("create", "x", "../../escaped.txt")).Status);
        Assert.True(File.Exists(Path.Combine(Root, "escaped.txt")));
        Assert.Equal((204, ""), await GoAsync("delete", fileName: "a/b.txt"));
        Assert.False(File.Exists(Path.Combine(Root, "a/b.txt")));
        Assert.Equal(
            Error("files: binding files does not support operation move. supported operations:create get list delete"),
            await GoAsync("move"));
        Assert.Equal(Error("nope: couldn't find output binding nope"), await GoAsync("get", binding: "nope"));

        static (int, string) Error(string why) =>
            (500, $$"""{"errorCode":"ERR_INVOKE_OUTPUT_BINDING","message":"error invoking output binding {{why}}"}""");
    }

    [Theory]
    [InlineData("hello world", "hello world")]
    [InlineData("aGVsbG8=", "hello")]
    [InlineData("data", "u\u00abZ")]
    [InlineData("dat", "dat")]
    [InlineData("quoted \"text\"\n你", "quoted \"text\"\n你")]
    public async Task Text_is_kept_and_what_is_valid_Base64_is_decoded(string data, string kept)
    {
        await GoAsync("create", data, "f");
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Root, "f"));
        Assert.Equal(kept, data == "data" ? System.Text.Encoding.Latin1.GetString(bytes)
            : System.Text.Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task Objects_are_kept_as_JSON_and_a_name_is_made_up()
    {
        var (status, body) = await GoAsync("create", new { a = 1 });
        var name = JsonDocument.Parse(body).RootElement.GetProperty("fileName").GetString()!;
        Assert.Equal(200, status);
        Assert.True(Guid.TryParse(name, out _));
        Assert.Equal("""{"a":1}""", await File.ReadAllTextAsync(Path.Combine(Root, name)));
        await _sidecar.Http.PostAsync("/v1.0/bindings/files", new StringContent(
            """{"operation":"create","metadata":{"fileName":"j"},"data":{ "a" : [ 1 ] }}"""));
        Assert.Equal("""{"a":[1]}""", await File.ReadAllTextAsync(Path.Combine(Root, "j")));
    }

    [Fact]
    public async Task A_link_does_not_lead_outside()
    {
        var outside = Path.Combine(_folder.FullName, "outside");
        Directory.CreateDirectory(outside);
        Directory.CreateSymbolicLink(Path.Combine(Root, "link"), outside);
        var (status, body) = await GoAsync("create", "x", "link/f.txt");
        Assert.Equal(500, status);
        Assert.Contains("leads out of the storage through a link", body);
        Assert.Empty(Directory.GetFiles(outside));
    }

    [Theory]
    [InlineData("get", null)]
    [InlineData("get", "..")]
    [InlineData("delete", "")]
    [InlineData("delete", "none")]
    public async Task Nothing_to_act_on(string operation, string? name) =>
        Assert.Equal(500, (await GoAsync(operation, fileName: name)).Status);

    [Theory]
    [InlineData("", "failed deserializing HTTP body: ")]
    [InlineData("[]", "failed deserializing HTTP body: the body must be an object")]
    [InlineData("{}", "failed deserializing HTTP body: operation is missing")]
    [InlineData("""{"operation":1}""", "failed deserializing HTTP body: operation must be a string")]
    [InlineData("""{"operation":"get","metadata":{"fileName":1}}""",
        "failed deserializing HTTP body: metadata.fileName must be a string")]
    public async Task A_malformed_request(string body, string message)
    {
        var response = await _sidecar.Http.PostAsync("/v1.0/bindings/files", new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("ERR_MALFORMED_REQUEST", error.GetProperty("errorCode").GetString());
        Assert.StartsWith(message, error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("/proc/x", "must not be in /proc")]
    [InlineData("/boot", "must not be in /boot")]
    public async Task A_root_where_nothing_belongs(string root, string why)
    {
        var error = await Assert.ThrowsAsync<CloudPhone.Sidecar.Hosting.ConfigurationException>(
            () => TestSidecar.StartAsync(
            "a", resources: [TestSidecar.Component("files", "bindings.localstorage", ("rootPath", root))]));
        Assert.EndsWith($"spec.metadata 'rootPath' {why}.", error.Message);
    }

    async Task<(int Status, string Body)> GoAsync(
        string operation, object? data = null, string? fileName = null, string binding = "files")
    {
        var metadata = fileName is null ? [] : new Dictionary<string, string> { ["fileName"] = fileName };
        var response =
            await _sidecar.Http.PutAsJsonAsync($"/v1.0/bindings/{binding}", new { operation, data, metadata });
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
