using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Sessions;

public sealed class LockoutTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly UserService _service = new();

    public LockoutTests() => _service.With(_clock);

    Task<HttpResponseMessage> TryAsync(string name, string password = "wrong password") =>
        _service.Anonymous().PostAsJsonAsync("/api/auth/login", new LoginRequest(name, password));

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
            Assert.Equal(HttpStatusCode.Unauthorized,
                (await TryAsync(i % 2 == 0 ? user.Username : user.Email)).StatusCode);
        foreach (var seconds in new[] { 60, 120, 240, 480, 900, 900 })
        {
            Assert.Equal(seconds, await LockedForAsync(user.Username, UserService.Password));
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Username)).StatusCode);
        }
        _clock.Advance(TimeSpan.FromMinutes(15));
        await _service.LoginAsync(user.Username);
        Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Username)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(user.Username)).StatusCode);
        var counts = (await _service.PublishedAsync<UserLoginFailed>()).Select(e => e.FailureCount).Order();
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
    public async Task Many_guesses_at_once_are_no_way_around_it()
    {
        var user = await _service.AddUserAsync();
        using var hashes = _service.CountHashes();
        var answers = await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => TryAsync(user.Username)));
        Assert.Equal(5, hashes.Value);
        Assert.Equal(10, answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests));
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
