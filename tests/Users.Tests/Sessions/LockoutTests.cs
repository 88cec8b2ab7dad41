using System.Net;
using System.Net.Http.Json;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Sessions;

public sealed class LockoutTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly UserService _service = new();

    public LockoutTests() => _service.With(_clock);

    async Task<HttpResponseMessage> TryAsync(
        string name, string password = "wrong password", string from = "203.0.113.1")
    {
        using var client = _service.Anonymous();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", from);
        return await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(name, password));
    }

    async Task<int> LockedForAsync(string name, string password = "wrong password")
    {
        var answer = await TryAsync(name, password);
        await UserService.AssertProblemAsync(answer, 429, "too-many-attempts");
        return (int)answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
    }

    [Fact]
    public async Task Five_failures_lock_for_a_minute_and_each_further_one_for_twice_as_long_up_to_fifteen()
    {
        var user = await _service.AddUserAsync();
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Username)).StatusCode);
        foreach (var seconds in new[] { 60, 120, 240, 480, 900, 900 })
        {
            Assert.Equal(seconds, await LockedForAsync(user.Username, UserService.Password));
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Username)).StatusCode);
        }
        _clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.OK, (await TryAsync(user.Username, UserService.Password)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Username)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Username)).StatusCode);
        var counts = (await _service.FailuresAsync()).Select(e => e.FailureCount).Order();
        Assert.Equal([1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], counts);
    }

    [Fact]
    public async Task A_name_that_nobody_has_locks_the_same()
    {
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync("nobody-here")).StatusCode);
        Assert.Equal(60, await LockedForAsync("Nobody-Here"));
    }

    [Fact]
    public async Task A_lock_does_not_tell_which_address_belongs_to_which_name()
    {
        var user = await _service.AddUserAsync();
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Username)).StatusCode);
        Assert.Equal(60, await LockedForAsync(user.Username));
        // from many addresses, too
        for (var i = 0; i < 16; i++)
            await TryAsync(user.Username, from: $"203.0.113.{i + 2}");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryAsync(user.Username, from: "203.0.113.99")).StatusCode);
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Email)).StatusCode);
        Assert.Equal(60, await LockedForAsync(user.Email.ToUpperInvariant()));
    }

    [Fact]
    public async Task A_right_password_that_is_sent_many_times_at_once_locks_nobody()
    {
        var user = await _service.AddUserAsync();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 15).Select(_ => TryAsync(user.Username, UserService.Password)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        Assert.Empty(await _service.FailuresAsync());
    }

    [Fact]
    public async Task Many_guesses_at_once_are_no_way_around_it()
    {
        var user = await _service.AddUserAsync();
        using var hashes = _service.CountHashes();
        var answers = await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => TryAsync(user.Username)));
        Assert.Equal(5, hashes.Value);
        Assert.Equal(10, answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Who_guesses_locks_only_the_own_address_out()
    {
        var user = await _service.AddUserAsync();
        for (var i = 0; i < 5; i++)
            await TryAsync(user.Username);
        await LockedForAsync(user.Username);
        Assert.Equal(HttpStatusCode.OK,
            (await TryAsync(user.Username, UserService.Password, "203.0.113.2")).StatusCode);
        await LockedForAsync(user.Username, UserService.Password);
    }

    [Fact]
    public async Task Guesses_from_many_addresses_make_new_ones_wait_shortly_and_the_owners_not_at_all()
    {
        var user = await _service.AddUserAsync();
        const string home = "203.0.113.200";
        Assert.Equal(HttpStatusCode.OK, (await TryAsync(user.Username, UserService.Password, home)).StatusCode);
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.Unauthorized,
                (await TryAsync(user.Username, from: $"203.0.113.{i + 2}")).StatusCode);
        foreach (var seconds in new[] { 10, 20, 30, 45, 60, 60 })
        {
            var refused = await TryAsync(user.Username, UserService.Password, "203.0.113.100");
            await UserService.AssertProblemAsync(refused, 429, "too-many-attempts");
            Assert.Equal(seconds, refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(HttpStatusCode.Unauthorized,
                (await TryAsync(user.Username, from: $"203.0.113.{seconds + 100}")).StatusCode);
        }
        Assert.Equal(HttpStatusCode.TooManyRequests,
            (await TryAsync(user.Username, UserService.Password, "203.0.113.101")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await TryAsync(user.Username, UserService.Password, home)).StatusCode);
        Assert.Equal(HttpStatusCode.OK,
            (await TryAsync(user.Username, UserService.Password, "203.0.113.101")).StatusCode);
    }

    [Fact]
    public async Task Attempts_are_forgotten_after_a_day_of_silence()
    {
        await TryAsync("nobody-here");
        await Testing.Wait.UntilAsync("the sweep", async () =>
        {
            _clock.Advance(TimeSpan.FromHours(5));
            return await _service.InDatabaseAsync(db => ((UsersDb)db).LoginAttempts.CountAsync()) == 0;
        });
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
