using System.Net;
using System.Net.Http.Json;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Sessions;

public sealed class RefreshTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly UserService _service = new();

    public RefreshTests() => _service.With(_clock);

    async Task<HttpResponseMessage> TryAsync(string token, string agent = "phone/1.0")
    {
        using var client = _service.Anonymous();
        client.DefaultRequestHeaders.UserAgent.ParseAdd(agent);
        return await client.PostAsJsonAsync("/api/auth/refresh", new RefreshRequest(token));
    }

    async Task<TokenAnswer> RefreshAsync(string token)
    {
        var answer = await TryAsync(token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<TokenAnswer>())!;
    }

    async Task AssertOverAsync(string token, string agent = "phone/1.0") =>
        await UserService.AssertProblemAsync(await TryAsync(token, agent), 401, "invalid-refresh-token");

    async Task<TokenAnswer> LoginAsync() => await _service.LoginAsync((await _service.AddUserAsync()).Username);

    [Fact]
    public async Task Each_refresh_gives_new_tokens()
    {
        var login = await LoginAsync();
        var next = await RefreshAsync(login.RefreshToken);
        Assert.NotEqual(login.RefreshToken, next.RefreshToken);
        Assert.NotEqual(login.AccessToken, next.AccessToken);
        Assert.Equal(login.User.Id, next.User.Id);
        using var client = _service.WithBearer(next.AccessToken);
        Assert.Equal(login.User.Id, (await client.GetFromJsonAsync<Me>("/api/users/me"))!.Id);
        await RefreshAsync(next.RefreshToken);
    }

    /// <summary>As the gateway passes it on: with a key, and with the old token that many clients still send.</summary>
    [Fact]
    public async Task The_tokens_are_kept_nowhere()
    {
        var login = await LoginAsync();
        using var client = _service.WithBearer(login.AccessToken);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "gateway-1");
        (await client.PostAsJsonAsync("/api/auth/refresh", new RefreshRequest(login.RefreshToken)))
            .EnsureSuccessStatusCode();
        Assert.False(await _service.InDatabaseAsync(db => db.IdempotencyKeys.AnyAsync()));
    }

    [Fact]
    public async Task A_used_token_ends_the_whole_session_but_no_other()
    {
        var login = await LoginAsync();
        var other = await _service.LoginAsync(login.User.Username);
        var next = await RefreshAsync(login.RefreshToken);
        _clock.Advance(TimeSpan.FromSeconds(61));
        await AssertOverAsync(login.RefreshToken);
        await AssertOverAsync(next.RefreshToken);
        await RefreshAsync(other.RefreshToken);
    }

    [Fact]
    public async Task A_client_whose_answer_was_lost_gets_the_same_token_again()
    {
        var login = await LoginAsync();
        var first = await RefreshAsync(login.RefreshToken);
        _clock.Advance(TimeSpan.FromSeconds(59));
        var again = await RefreshAsync(login.RefreshToken);
        Assert.Equal(first.RefreshToken, again.RefreshToken);
        await RefreshAsync(again.RefreshToken);
    }

    [Fact]
    public async Task Another_client_has_no_such_grace()
    {
        var login = await LoginAsync();
        var next = await RefreshAsync(login.RefreshToken);
        await AssertOverAsync(login.RefreshToken, agent: "thief/1.0");
        await AssertOverAsync(next.RefreshToken);
    }

    [Fact]
    public async Task Nor_has_anybody_once_the_successor_was_used()
    {
        var login = await LoginAsync();
        var next = await RefreshAsync(login.RefreshToken);
        var last = await RefreshAsync(next.RefreshToken);
        await AssertOverAsync(login.RefreshToken);
        await AssertOverAsync(last.RefreshToken);
    }

    [Fact]
    public async Task Many_at_once_of_one_client_get_one_and_the_same_token()
    {
        var login = await LoginAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RefreshAsync(login.RefreshToken)));
        Assert.Single(answers.Select(a => a.RefreshToken).Distinct());
        await RefreshAsync(answers[0].RefreshToken);
    }

    [Fact]
    public async Task A_session_ends_after_14_idle_days_and_after_60_in_any_case()
    {
        var idle = await LoginAsync();
        var busy = await _service.LoginAsync(idle.User.Username);
        for (var days = 0; days < 52; days += 13)
        {
            _clock.Advance(TimeSpan.FromDays(13));
            busy = await RefreshAsync(busy.RefreshToken);
        }
        await AssertOverAsync(idle.RefreshToken);
        _clock.Advance(TimeSpan.FromDays(9));
        await AssertOverAsync(busy.RefreshToken);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task A_token_that_we_never_gave_is_refused(string token) => await AssertOverAsync(token);

    [Fact]
    public async Task Logout_ends_the_session_by_refresh_token_or_by_access_token()
    {
        var (byBody, byHeader, other) = (await LoginAsync(), await LoginAsync(), await LoginAsync());
        using var anonymous = _service.Anonymous();
        var request = new LogoutRequest(byBody.RefreshToken);
        Assert.Equal(HttpStatusCode.NoContent,
            (await anonymous.PostAsJsonAsync("/api/auth/logout", request)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent,
            (await anonymous.PostAsJsonAsync("/api/auth/logout", request)).StatusCode);
        using var client = _service.WithBearer(byHeader.AccessToken);
        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync("/api/auth/logout", null)).StatusCode);
        await AssertOverAsync(byBody.RefreshToken);
        await AssertOverAsync(byHeader.RefreshToken);
        await RefreshAsync(other.RefreshToken);
        await UserService.AssertProblemAsync(await anonymous.PostAsync("/api/auth/logout", null), 401, "unauthorized");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
