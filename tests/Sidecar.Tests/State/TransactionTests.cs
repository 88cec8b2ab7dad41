using CloudPhone.Sidecar.Tests.Testing;
using static CloudPhone.Sidecar.Tests.State.StateSidecar;

namespace CloudPhone.Sidecar.Tests.State;

public class TransactionTests
{
    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task Upserts_and_deletes_in_one(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        await sidecar.SaveAsync("old", "1");
        var answer = await TransactAsync(sidecar, """
            {"operation":"upsert","request":{"key":"x","value":{"a":1}}},{"operation":"delete","request":{"key":"old"}},
            {"operation":"upsert","request":{"key":"x","value":{"a":2}}}
            """);
        Assert.Equal((204, ""), (answer.Status, answer.Body));
        Assert.Equal("""{"a":2}""", (await sidecar.ValueAsync("x")).Body);
        Assert.Equal(204, (await sidecar.ValueAsync("old")).Status);
    }

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task A_failing_etag_fails_all_of_it_and_changes_nothing(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        await sidecar.SaveAsync("e", "1");
        await sidecar.SaveAsync("gone", "1");
        var answer = await TransactAsync(sidecar, """
            {"operation":"upsert","request":{"key":"y","value":1}},{"operation":"delete","request":{"key":"gone"}},
            {"operation":"upsert","request":{"key":"e","value":2,"etag":"9","options":{"concurrency":"first-write"}}}
            """);
        Assert.Equal((500, "ERR_STATE_TRANSACTION"), (answer.Status, answer.ErrorCode));
        Assert.Equal(204, (await sidecar.ValueAsync("y")).Status);
        Assert.Equal("1", (await sidecar.ValueAsync("e")).Body);
        Assert.Equal("1", (await sidecar.ValueAsync("gone")).Body);
    }

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task Several_items_of_one_save_are_written_together_or_not_at_all(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        await sidecar.SaveAsync("e", "1");
        var answer = await sidecar.CallAsync("POST", Store,
            """[{"key":"y","value":1},{"key":"e","value":2,"etag":"9"}]""");
        Assert.Equal((409, "ERR_STATE_SAVE"), (answer.Status, answer.ErrorCode));
        Assert.Equal(204, (await sidecar.ValueAsync("y")).Status);
    }

    [Fact]
    public async Task What_is_no_transaction_is_refused()
    {
        await using var sidecar = await StateSidecar.StartAsync("state.in-memory");
        var merge = await TransactAsync(sidecar,
            """{"operation":"upsert","request":{"key":"y","value":1}},{"operation":"merge","request":{"key":"x"}}""");
        Assert.Equal((400, "ERR_NOT_SUPPORTED_STATE_OPERATION", "operation type merge not supported"),
            (merge.Status, merge.ErrorCode, merge.Message));
        Assert.Equal(204, (await sidecar.ValueAsync("y")).Status);
        Assert.Equal(204, (await TransactAsync(sidecar, "")).Status);
        Assert.Equal("ERR_MALFORMED_REQUEST",
            (await TransactAsync(sidecar, """{"operation":"upsert","request":{"value":1}}""")).ErrorCode);
        Assert.Equal("ERR_MALFORMED_REQUEST", (await TransactAsync(sidecar, "1")).ErrorCode);
        Assert.Equal("ERR_MALFORMED_REQUEST",
            (await sidecar.CallAsync("POST", $"{Store}/transaction", "[]")).ErrorCode);
    }

    static Task<Answer> TransactAsync(TestSidecar sidecar, string operations) =>
        sidecar.CallAsync("POST", $"{Store}/transaction", $$"""{"operations":[{{operations}}]}""");
}
