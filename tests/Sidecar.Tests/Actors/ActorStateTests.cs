using CloudPhone.Sidecar.Tests.State;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Sidecar.Tests.Actors;

public class ActorStateTests
{
    const string Ttl = """[{"operation":"upsert","request":{"key":"e","value":1,"metadata":{"ttlInSeconds":"60"}}}]""";

    [Fact]
    public async Task State_is_saved_in_transactions_under_the_actors_own_keys()
    {
        var file = StateSidecar.NewFile();
        await using var host = await ActorSidecar.StartAsync(place: [("connectionString", file)]);
        await host.PutAsync("s1/method/x");
        var saved = await host.Sidecar.CallAsync("POST", $"{ActorSidecar.Base}/s1/state", """
            [{"operation":"upsert","request":{"key":"n","value":{"a":1}}},
             {"operation":"upsert","request":{"key":"m","value":"t"}}]
            """, headers: [("content-type", "text/plain; charset=utf-8")]);
        Assert.Equal((204, ""), (saved.Status, saved.Body));
        var read = await host.GetAsync("s1/state/n");
        Assert.Equal((200, """{"a":1}""", "application/json", false),
            (read.Status, read.Body, read.Headers["content-type"], read.Headers.ContainsKey("etag")));
        Assert.Equal((204, ""), await StatusAndBodyAsync(host, "s1/state/none"));
        Assert.Equal(["device-service||DeviceActor||s1||m", "device-service||DeviceActor||s1||n"], Keys(file));
        var deleted = await host.PutAsync("s1/state",
            """[{"operation":"delete","request":{"key":"n"}},{"operation":"delete","request":{"key":"never"}}]""");
        Assert.Equal(204, deleted.Status);
        Assert.Equal(204, (await host.GetAsync("s1/state/n")).Status);
    }

    [Fact]
    public async Task An_actor_that_is_not_active_is_read_but_not_written()
    {
        await using var host = await ActorSidecar.StartAsync();
        Assert.Equal(204, (await host.GetAsync("nobody/state/n")).Status);
        var save = await host.PutAsync("nobody/state", """[{"operation":"upsert","request":{"key":"n","value":1}}]""");
        Assert.Equal((400, "ERR_ACTOR_INSTANCE_MISSING"), (save.Status, save.ErrorCode));
    }

    [Fact]
    public async Task Time_to_live_needs_its_feature()
    {
        await using (var without = await ActorSidecar.StartAsync())
        {
            await without.PutAsync("s/method/x");
            var refused = await without.PutAsync("s/state", Ttl);
            Assert.Equal((500, "ERR_ACTOR_STATE_TRANSACTION_SAVE"), (refused.Status, refused.ErrorCode));
            Assert.Equal("error saving actor transaction state: ttlInSeconds is not supported without the "
                + "\"ActorStateTTL\" feature enabled", refused.Message);
        }
        await using var with = await ActorSidecar.StartAsync(configuration: """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: appconfig
            spec:
              features:
                - name: ActorStateTTL
                  enabled: true
            """);
        await with.PutAsync("s/method/x");
        Assert.Equal(204, (await with.PutAsync("s/state", Ttl)).Status);
        Assert.InRange(DateTimeOffset.Parse((await with.GetAsync("s/state/e")).Headers["metadata.ttlexpiretime"]),
            DateTimeOffset.UtcNow.AddSeconds(50), DateTimeOffset.UtcNow.AddSeconds(61));
    }

    [Theory]
    [InlineData("{", "ERR_MALFORMED_REQUEST")]
    [InlineData("""[{"operation":"merge","request":{"key":"k"}}]""", "ERR_NOT_SUPPORTED_STATE_OPERATION")]
    [InlineData("""[{"operation":"upsert","request":{"value":1}}]""", "ERR_MALFORMED_REQUEST")]
    [InlineData(
        """
        [{"operation":"upsert","request":{"key":"ok","value":1}},
         {"operation":"upsert","request":{"key":"a||b","value":1}}]
        """,
        "ERR_MALFORMED_REQUEST")]
    public async Task What_is_no_transaction_is_refused_whole(string body, string code)
    {
        await using var host = await ActorSidecar.StartAsync();
        await host.PutAsync("s/method/x");
        var answer = await host.PutAsync("s/state", body);
        Assert.Equal((400, code), (answer.Status, answer.ErrorCode));
        Assert.Equal(204, (await host.GetAsync("s/state/ok")).Status);
    }

    static async Task<(int, string)> StatusAndBodyAsync(ActorSidecar host, string path)
    {
        var answer = await host.GetAsync(path);
        return (answer.Status, answer.Body);
    }

    static List<string> Keys(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT key FROM state ORDER BY key";
        using var reader = command.ExecuteReader();
        List<string> keys = [];
        while (reader.Read())
            keys.Add(reader.GetString(0));
        return keys;
    }
}
