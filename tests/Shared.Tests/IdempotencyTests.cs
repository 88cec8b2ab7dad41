using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.SampleService;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Shared.Tests;

public sealed class IdempotencyTests : IAsyncDisposable
{
    readonly TestService<NotesDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    async Task<HttpResponseMessage> PostAsync(
        string key, string text = "n", Guid? user = null, string? prefer = null)
    {
        using var client = _service.As(user ?? _user);
        client.DefaultRequestHeaders.Add("Idempotency-Key", key);
        if (prefer is not null)
            client.DefaultRequestHeaders.Add("Prefer", prefer);
        return await client.PostAsJsonAsync("/api/notes", new NewNote(text, 1));
    }

    async Task<int> CountAsync(Guid? user = null)
    {
        using var client = _service.As(user ?? _user);
        return (await client.GetFromJsonAsync<Page<Note>>("/api/notes?limit=100"))!.Items.Count;
    }

    [Fact]
    public async Task A_repetition_gets_the_first_answer_and_does_nothing()
    {
        var first = await PostAsync("k1");
        var second = await PostAsync("k1");
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Fifty_at_once_make_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PostAsync("k2")));
        Assert.All(answers, a =>
            Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict, a.StatusCode.ToString()));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(1, await CountAsync());
        Assert.Single(await _service.PublishedAsync<AppInstalled>());
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_a_mistake()
    {
        await PostAsync("k3");
        await PlatformTests.AssertProblemAsync(await PostAsync("k3", "other"), 422, "idempotency-key-reused");
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_compared_too()
    {
        async Task<HttpResponseMessage> PostChunkedAsync(string text)
        {
            using var client = _service.As(_user);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/notes");
            request.Content = JsonContent.Create(new NewNote(text, 1));
            request.Headers.TransferEncodingChunked = true;
            request.Headers.Add("Idempotency-Key", "chunked");
            return await client.SendAsync(request);
        }
        Assert.Equal(HttpStatusCode.Created, (await PostChunkedAsync("n")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostChunkedAsync("n")).StatusCode);
        await PlatformTests.AssertProblemAsync(await PostChunkedAsync("other"), 422, "idempotency-key-reused");
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Another_user_has_other_keys()
    {
        var other = Guid.CreateVersion7();
        await PostAsync("k4");
        await PostAsync("k4", user: other);
        Assert.Equal(1, await CountAsync());
        Assert.Equal(1, await CountAsync(other));
    }

    [Fact]
    public void The_id_after_another_is_of_the_same_time_and_always_the_same()
    {
        var id = Guid.CreateVersion7();
        var after = ResourceIds.After(id);
        Assert.Equal((7, after), (after.Version, ResourceIds.After(id)));
        Assert.Equal($"{id}"[..13], $"{after}"[..13]);
        Assert.Distinct([id, after, ResourceIds.After(after)]);
    }

    [Fact]
    public async Task A_failed_request_runs_again_under_its_key_with_the_same_id()
    {
        async Task<Guid> IdAsync() => await _service.InDatabaseAsync(async db =>
            (await db.IdempotencyKeys.SingleAsync()).ResourceId);

        Assert.Equal(HttpStatusCode.InternalServerError, (await PostAsync("k5", "broken")).StatusCode);
        var id = await IdAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, (await PostAsync("k5", "broken")).StatusCode);
        Assert.Equal(id, await IdAsync());
        await PlatformTests.AssertProblemAsync(await PostAsync("k5", "mended"), 422, "idempotency-key-reused");
    }

    [Fact]
    public async Task While_the_first_runs_the_second_is_told_so_and_after_its_death_takes_over_with_the_same_id()
    {
        await PostAsync("k6");
        var id = await _service.InDatabaseAsync(async db =>
        {
            // as a process that died before it answered leaves it
            var until = DateTimeOffset.UtcNow.AddMinutes(1);
            await db.IdempotencyKeys.ExecuteUpdateAsync(
                s => s.SetProperty(k => k.Status, (int?)null).SetProperty(k => k.RunningUntil, until));
            return (await db.IdempotencyKeys.SingleAsync()).ResourceId;
        });
        var running = await PostAsync("k6");
        await PlatformTests.AssertProblemAsync(running, 409, "request-in-progress");
        Assert.NotNull(running.Headers.RetryAfter);
        await _service.InDatabaseAsync(db =>
            db.IdempotencyKeys.ExecuteUpdateAsync(s => s.SetProperty(k => k.RunningUntil, DateTimeOffset.UnixEpoch)));
        await PostAsync("k6");
        using var client = _service.As(_user);
        var notes = await client.GetFromJsonAsync<Page<Note>>("/api/notes");
        Assert.Equal(id, Assert.Single(notes!.Items).Id);
    }

    [Fact]
    public async Task Who_prefers_to_wait_gets_the_first_answer()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => PostAsync("k7", prefer: "respond-async, wait=25")));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        Assert.Equal(19, answers.Count(a => a.Headers.Contains("Idempotency-Replayed")));
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_key_is_held_as_long_as_its_request_runs_and_who_has_waited_in_vain_may_repeat()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _service.With(clock);
        (Slow.Gate, Slow.IsReached) = (new(), false);
        var first = PostAsync("k8", "slow");
        // then the timer runs that holds the key: of a clock that moves before that it would know nothing
        await Wait.UntilAsync("the first to run", () => Slow.IsReached);
        for (var seconds = 0; seconds < 60; seconds += 5)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            var now = clock.GetUtcNow();
            await Wait.UntilAsync("the key to be held on", () => _service.InDatabaseAsync(db =>
                db.IdempotencyKeys.AnyAsync(k => k.RunningUntil > now + TimeSpan.FromSeconds(15))));
        }
        await PlatformTests.AssertProblemAsync(await PostAsync("k8", "slow"), 409, "request-in-progress");

        var waiting = PostAsync("k8", "slow", prefer: "wait=3");
        await Wait.UntilAsync("the wait to end", () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return waiting.IsCompleted;
        });
        await PlatformTests.AssertProblemAsync(await waiting, 504, "request-in-progress");
        Slow.Gate.SetResult();
        Assert.Equal(HttpStatusCode.Created, (await first).StatusCode);
    }

    [Fact]
    public async Task What_a_caller_gave_up_runs_to_its_end_and_the_repetition_gets_the_whole_answer()
    {
        Slow.Gate = new();
        using var patience = new CancellationTokenSource();
        using var client = _service.As(_user);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "k9");
        var first = client.PostAsJsonAsync("/api/notes", new NewNote("slow", 1), patience.Token);
        await Wait.UntilAsync("the first to run", async () =>
            await _service.InDatabaseAsync(db => db.IdempotencyKeys.AnyAsync()));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Slow.Gate.SetResult();
        var second = await PostAsync("k9", "slow", prefer: "wait=20");
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal("slow", (await second.Content.ReadFromJsonAsync<Note>())!.Text);
        Assert.Equal(1, await CountAsync());
    }

    [Theory]
    [InlineData("with blank")]
    [InlineData("with\ttab")]
    public async Task A_key_that_is_no_key_is_refused(string key)
    {
        using var client = _service.As(_user);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Idempotency-Key", key);
        await PlatformTests.AssertProblemAsync(
            await client.PostAsJsonAsync("/api/notes", new NewNote("n", 1)), 400, "bad-request");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
