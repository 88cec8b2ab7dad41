using CloudPhone.Sidecar.Tests.Testing;
using static CloudPhone.Sidecar.Tests.State.StateSidecar;

namespace CloudPhone.Sidecar.Tests.State;

public class StateHttpTests
{
    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task Values_come_back_as_the_json_they_were(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        var saved = await sidecar.CallAsync("POST", Store, """
            [{"key":"quota","value":{"a": 1, "b": "云手机 <x>"}}, {"key":"text","value":"hello"},
             {"key":"number","value":7}, {"key":"nothing","value":null}, {"key":"big","value":12345678901234567890.25}]
            """);
        Assert.Equal((204, ""), (saved.Status, saved.Body));
        var quota = await sidecar.ValueAsync("quota");
        Assert.Equal((200, """{"a":1,"b":"云手机 <x>"}""", "application/json", "1"),
            (quota.Status, quota.Body, quota.Headers["content-type"], quota.Headers["etag"]));
        Assert.Equal("\"hello\"", (await sidecar.ValueAsync("text")).Body);
        Assert.Equal("7", (await sidecar.ValueAsync("number")).Body);
        Assert.Equal("null", (await sidecar.ValueAsync("nothing")).Body);
        Assert.Equal("12345678901234567890.25", (await sidecar.ValueAsync("big")).Body);
        var missing = await sidecar.ValueAsync("missing");
        Assert.Equal((204, "", false), (missing.Status, missing.Body, missing.Headers.ContainsKey("etag")));

        Assert.Equal(204, (await sidecar.CallAsync("PUT", Store, """[{"key":"quota","value":{"a":2}}]""")).Status);
        Assert.Equal("2", (await sidecar.ValueAsync("quota")).Headers["etag"]);
    }

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task Bulk_get_answers_in_the_order_of_the_keys(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        await sidecar.CallAsync("POST", Store, """[{"key":"a","value":{"x":1}},{"key":"b","value":"t"}]""");
        var bulk = await sidecar.CallAsync("POST", $"{Store}/bulk", """{"keys":["a","b","none"],"parallelism":1}""");
        Assert.Equal("""[{"key":"a","data":{"x":1},"etag":"1"},{"key":"b","data":"t","etag":"1"},{"key":"none"}]""",
            bulk.Body);
        Assert.Equal("application/json", bulk.Headers["content-type"]);
        var none = await sidecar.CallAsync("POST", $"{Store}/bulk", """{"keys":[]}""");
        Assert.Equal((200, "[]"), (none.Status, none.Body));
    }

    [Fact]
    public async Task Bad_requests_get_the_runtimes_errors()
    {
        await using var sidecar = await StateSidecar.StartAsync("state.in-memory");
        var unknown = await sidecar.GetAsync("/v1.0/state/nope/k");
        Assert.Equal((400, "ERR_STATE_STORE_NOT_FOUND", "state store nope is not found"),
            (unknown.Status, unknown.ErrorCode, unknown.Message));
        Assert.Equal("ERR_STATE_STORE_NOT_FOUND",
            (await sidecar.CallAsync("POST", "/v1.0/state/nope", """[{"key":"k","value":1}]""")).ErrorCode);
        var noKey = await sidecar.CallAsync("POST", Store, """[{"value":1}]""");
        Assert.Equal((400, "ERR_MALFORMED_REQUEST", "\"key\" is a required field"),
            (noKey.Status, noKey.ErrorCode, noKey.Message));
        Assert.Equal((204, ""), await StatusAndBodyAsync(sidecar, "[]"));
        foreach (var body in (string[])["{", "", "{\"key\":\"k\"}", "[1]", "[{\"key\":1}]",
            """[{"key":"a||b","value":1}]""",
            """[{"key":"k","value":1,"etag":5}]""", """[{"key":"ok","value":1},{"key":"a||b","value":1}]"""])
        {
            var answer = await sidecar.CallAsync("POST", Store, body);
            Assert.Equal((400, "ERR_MALFORMED_REQUEST"), (answer.Status, answer.ErrorCode));
        }
        Assert.Equal(204, (await sidecar.ValueAsync("ok")).Status);
        Assert.Equal(400, (await sidecar.GetAsync($"{Store}/a%7C%7Cb")).Status);
    }

    [Fact]
    public async Task Without_any_store_the_error_is_the_servers()
    {
        await using var sidecar = await TestSidecar.StartAsync("app-service");
        var answer = await sidecar.ValueAsync("k");
        Assert.Equal((500, "ERR_STATE_STORE_NOT_CONFIGURED", "state store statestore is not configured"),
            (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Fact]
    public async Task A_slash_in_a_key_must_be_encoded()
    {
        await using var sidecar = await StateSidecar.StartAsync("state.in-memory");
        Assert.Equal(204, (await sidecar.SaveAsync("a/b", "1")).Status);
        Assert.Equal(204, (await sidecar.SaveAsync("100%", "2")).Status);
        Assert.Equal(404, (await sidecar.GetAsync($"{Store}/a/b")).Status);
        Assert.Equal("1", (await sidecar.GetAsync($"{Store}/a%2Fb")).Body);
        Assert.Equal("2", (await sidecar.GetAsync($"//v1.0/state/statestore/100%25?consistency=strong")).Body);
        Assert.Equal("2", (await sidecar.GetAsync("/v1.0/state/other/./x/../%2E%2E/statestore/100%25")).Body);
        Assert.Equal(204, (await sidecar.CallAsync("DELETE", $"{Store}/a%2fb")).Status);
        Assert.Equal(204, (await sidecar.GetAsync($"{Store}/a%2Fb")).Status);
    }

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task The_store_shows_its_capabilities(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        var component = Assert.Single(
            (await sidecar.GetAsync("/v1.0/metadata")).Json.GetProperty("components").EnumerateArray());
        Assert.Equal(["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE", "ACTOR"],
            component.GetProperty("capabilities").EnumerateArray().Select(c => c.GetString()));
    }

    static async Task<(int, string)> StatusAndBodyAsync(TestSidecar sidecar, string body)
    {
        var answer = await sidecar.CallAsync("POST", Store, body);
        return (answer.Status, answer.Body);
    }
}
