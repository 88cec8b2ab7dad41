using static CloudPhone.Sidecar.Tests.State.StateSidecar;

namespace CloudPhone.Sidecar.Tests.State;

public class ETagTests
{
    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task Conditional_writes_answer_as_the_runtime_does(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        async Task ExpectAsync(string key, string value, string? etag, string? concurrency, int status, string now,
            string nowETag)
        {
            var answer = await sidecar.SaveAsync(key, value, etag, concurrency);
            Assert.Equal(status, answer.Status);
            if (status >= 400)
                Assert.Equal("ERR_STATE_SAVE", answer.ErrorCode);
            var read = await sidecar.ValueAsync(key);
            Assert.Equal((now, nowETag), (read.Body, read.Headers["etag"]));
        }

        await ExpectAsync("k", "1", null, null, 204, "1", "1");
        await ExpectAsync("k", "2", "1", "first-write", 204, "2", "2");
        await ExpectAsync("k", "3", "1", "first-write", 409, "2", "2");
        await ExpectAsync("k", "4", "1", "last-write", 409, "2", "2");
        await ExpectAsync("k", "5", "1", null, 409, "2", "2");
        await ExpectAsync("k", "6", null, null, 500, "2", "2");
        await ExpectAsync("k", "7", "abc", "first-write", 400, "2", "2");
        await ExpectAsync("n", "1", null, "first-write", 204, "1", "1");
        await ExpectAsync("n", "2", null, "first-write", 500, "1", "1");
        await ExpectAsync("z", "1", "5", "first-write", 204, "1", "1");
        await ExpectAsync("a", "1", null, null, 204, "1", "1");
        await ExpectAsync("a", "2", "0", "first-write", 409, "1", "1");
    }

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task Conditional_deletes_answer_as_the_runtime_does(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        await sidecar.SaveAsync("k", "1");
        await sidecar.SaveAsync("k", "2");
        var stale = await sidecar.CallAsync("DELETE", $"{Store}/k", headers: [("if-match", "1")]);
        Assert.Equal((409, "ERR_STATE_DELETE"), (stale.Status, stale.ErrorCode));
        Assert.Equal("2", (await sidecar.ValueAsync("k")).Body);
        Assert.Equal(204, (await sidecar.CallAsync("DELETE", $"{Store}/k", headers: [("if-match", "2")])).Status);
        Assert.Equal(204, (await sidecar.ValueAsync("k")).Status);
        Assert.Equal(204, (await sidecar.CallAsync("DELETE", $"{Store}/k")).Status);
    }

    [Theory, MemberData(nameof(StateSidecar.Kinds), MemberType = typeof(StateSidecar))]
    public async Task Of_many_writers_with_one_etag_one_wins(string kind)
    {
        await using var sidecar = await StateSidecar.StartAsync(kind);
        await sidecar.SaveAsync("k", "0");
        var answers = await Task.WhenAll(Enumerable.Range(1, 40).Select(i =>
            sidecar.SaveAsync("k", $"{i}", "1", "first-write")));
        Assert.Single(answers, a => a.Status == 204);
        Assert.Equal(39, answers.Count(a => a.Status == 409));
        Assert.Equal("2", (await sidecar.ValueAsync("k")).Headers["etag"]);
    }
}
