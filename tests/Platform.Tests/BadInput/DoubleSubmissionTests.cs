using System.Net;
using CloudPhone.Platform.Tests.BadInput.Twice;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Platform.Tests.Invariants;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>
/// Every change that the services' documents tell of, sent fifty times at once: under one Idempotency-Key it takes
/// effect once and all get the same answer, and without a key as well where something else tells that it is the same.
/// </summary>
[Collection(nameof(SharedPlatform))]
public sealed class DoubleSubmissionTests(PlatformFixture fixture) : BadInputTest(fixture.Platform)
{
    const int Many = 50;
    static readonly HttpMethod[] Changes = [HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete];

    [Fact]
    public async Task Every_change_has_its_submission()
    {
        var told = (await Operation.AllAsync(Platform)).Where(o => Changes.Contains(o.Method)).Select(o => o.Name)
            .ToHashSet();
        var known = Submissions.All.Select(s => s.Name).ToList();
        Assert.Distinct(known);
        Refusal.AssertNone([
            .. told.Except(known).Select(n => $"{n}: add a right request for it to Submissions (Twice/)."),
            .. known.Except(told).Select(n => $"{n}: no service has it; take it out of Submissions (Twice/)."),
        ]);
    }

    [Fact]
    public async Task Fifty_at_once_take_effect_once()
    {
        await using var admin = await AdminAsync();
        await using var all = new Submitter(Platform, admin, Secrets)
        {
            User = await Platform.NewUserAsync(), Member = new(await Platform.NewUserAsync()),
        };
        await PrepareAsync(all);
        var services = (await Operation.AllAsync(Platform)).DistinctBy(o => o.Name)
            .ToDictionary(o => o.Name, o => o.AppId);
        var wrong = new List<string?>();
        foreach (var (name, submission) in Submissions.All)
        {
            if (submission.IsOfEmbedded && Platform.Servers is not null)
                continue;
            if (submission.IsKept)
                wrong.AddRange(await UnderOneKeyAsync(name, services[name], submission, all));
            if (submission.ByNature)
                wrong.AddRange(await WithoutKeyAsync(name, services[name], submission, all));
        }
        await CleanAsync(all);
        Refusal.AssertNone(wrong);
    }

    /// <summary>Room for phones, and a phone with its notifications.</summary>
    static async Task PrepareAsync(Submitter all)
    {
        await Submitter.DoneAsync(all.ByAdmin("PUT", $"/api/quotas/user/{all.User.Id}",
            new { maxDevices = 20, totalCpuCores = 40, totalMemoryGB = 40 }));
        await all.PhoneAsync("running");
    }

    async Task<IEnumerable<string>> UnderOneKeyAsync(string name, string service, Submission submission, Submitter all)
    {
        var send = await submission.PrepareAsync(all);
        var (key, before) = ($"twice-{Guid.NewGuid():N}", Count(service, submission));
        var answers = await ManyAsync(() => send(key));
        var grown = Count(service, submission) - before;
        answers.Add(await Answer.OfAsync(await send(key)));
        var given = answers.Where(a => !a.IsInProgress).ToList();
        List<string> wrong = [.. given.Where(a => !a.IsRight(submission)).Select(a => $"{a}").Distinct()];
        if (given.Count(a => !a.IsReplay) != 1)
            wrong.Add($"{given.Count(a => !a.IsReplay)} were taken for the first");
        if (given.DistinctBy(a => (a.Status, a.Body, a.Location)).Count() != 1)
            wrong.Add($"answers differ: {string.Join(" | ", given.Select(a => $"{a}").Distinct())}");
        if (!answers[^1].IsReplay)
            wrong.Add($"one more is no repetition: {answers[^1]}");
        if (submission.Grows is not null && grown != 1)
            wrong.Add($"{submission.Grows}: {grown} more");
        return wrong.Select(w => $"{name} under one key: {w}");
    }

    async Task<IEnumerable<string>> WithoutKeyAsync(string name, string service, Submission submission, Submitter all)
    {
        var send = await submission.PrepareAsync(all);
        var before = Count(service, submission);
        var answers = await ManyAsync(() => send(null));
        var grown = Count(service, submission) - before;
        List<string> wrong = [.. answers.Where(a => !a.IsBearable).Select(a => $"{a}").Distinct()];
        if (!submission.IsRefused && !answers.Exists(a => a.IsSuccess))
            wrong.Add($"nobody succeeds: {answers[0]}");
        if (submission.Grows is not null && grown != 1)
            wrong.Add($"{submission.Grows}: {grown} more");
        return wrong.Select(w => $"{name} without a key: {w}");
    }

    static async Task<List<Answer>> ManyAsync(Func<Task<HttpResponseMessage>> send) =>
        [.. await Task.WhenAll(Enumerable.Range(0, Many).Select(async _ => await Answer.OfAsync(await send())))];

    long Count(string service, Submission submission)
    {
        if (submission.Grows is null)
            return 0;
        using var connection = Platform.OpenDatabase(service);
        return Databases.Count(connection, submission.Grows);
    }

    static async Task CleanAsync(Submitter all)
    {
        foreach (var (list, name) in new[] { ("/api/scheduler/nodes", "twice-"), ("/api/apps", "Twice") })
            foreach (var left in await all.Admin.ListAsync(list))
                if (left.GetProperty("name").GetString()!.StartsWith(name, StringComparison.Ordinal))
                    await Submitter.DoneAsync(all.ByAdmin("DELETE", $"{list}/{left.GetProperty("id").GetGuid()}"));
    }

    sealed record Answer(HttpStatusCode Status, string Body, string? Location, bool IsReplay)
    {
        public static async Task<Answer> OfAsync(HttpResponseMessage answer)
        {
            using var given = answer;
            return new(answer.StatusCode, await answer.Content.ReadAsStringAsync(), $"{answer.Headers.Location}",
                answer.Headers.Contains("Idempotency-Replayed"));
        }

        public bool IsSuccess => (int)Status is >= 200 and < 400;
        public bool IsInProgress => (int)Status == 409
            && Body.Contains("\"request-in-progress\"", StringComparison.Ordinal);

        public bool IsRight(Submission submission) => submission.IsRefused ? (int)Status == 404 : IsSuccess;

        /// <summary>A refusal, or the one who hashes passwords has too much to do: no error of the platform.</summary>
        public bool IsBearable => (int)Status < 500
            || ((int)Status == 503 && Body.Contains("\"busy\"", StringComparison.Ordinal));

        public override string ToString() => $"{(int)Status} {Body[..Math.Min(Body.Length, 200)]}";
    }
}
