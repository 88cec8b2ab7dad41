using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Api;

public sealed class MetadataTests
{
    [Fact]
    public async Task Metadata_tells_app_components_and_what_was_added()
    {
        await using var app = await RecordingApp.StartAsync();
        await using var sidecar = await TestSidecar.StartAsync(
            "device-service", app, [TestSidecar.Component("bus", "pubsub.in-memory")],
            with: o => o with { AppMaxConcurrency = 3 });

        Assert.Equal((204, ""), await PutAsync("k", "v"));
        var json = (await sidecar.GetAsync("/v1.0/metadata")).Json;

        Assert.Equal("device-service", json.GetProperty("id").GetString());
        Assert.Equal("v", json.GetProperty("extended").GetProperty("k").GetString());
        var component = Assert.Single(json.GetProperty("components").EnumerateArray());
        Assert.Equal(("bus", "pubsub.in-memory", "v1"),
            (Text(component, "name"), Text(component, "type"), Text(component, "version")));
        var connection = json.GetProperty("appConnectionProperties");
        Assert.Equal(("http", "127.0.0.1"), (Text(connection, "protocol"), Text(connection, "channelAddress")));
        Assert.Equal(app.Port, connection.GetProperty("port").GetInt32());
        Assert.Equal(3, connection.GetProperty("maxConcurrency").GetInt32());
        Assert.True(json.TryGetProperty("actorRuntime", out _));

        static string? Text(System.Text.Json.JsonElement of, string name) => of.GetProperty(name).GetString();

        async Task<(int, string)> PutAsync(string key, string value)
        {
            var answer = await sidecar.CallAsync("PUT", "/v1.0/metadata/" + key, value);
            return (answer.Status, answer.Body);
        }
    }

    [Fact]
    public async Task Paths_with_doubled_and_trailing_slashes_are_found()
    {
        await using var sidecar = await TestSidecar.StartAsync("device-service");

        foreach (var path in new[] { "//v1.0/metadata", "/v1.0//metadata/", "/v1.0/metadata/" })
            Assert.Equal(200, (await sidecar.GetAsync(path)).Status);
    }
}
