using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Sessions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace CloudPhone.Users.Tests.Sessions;

public sealed class SessionTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly UserService _service = new();

    public SessionTests() => _service.With(_clock);

    async Task<TokenAnswer> LoginFromAsync(string name, string agent, string address)
    {
        using var client = _service.Anonymous();
        client.DefaultRequestHeaders.UserAgent.ParseAdd(agent);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        var answer = await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(name, UserService.Password));
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<TokenAnswer>())!;
    }

    async Task<HttpStatusCode> StatusAsync(TokenAnswer login)
    {
        using var client = _service.WithBearer(login.AccessToken);
        return (await client.GetAsync("/api/users/me")).StatusCode;
    }

    async Task AssertOverAsync(TokenAnswer login)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(login));
        using var anonymous = _service.Anonymous();
        await UserService.AssertProblemAsync(
            await anonymous.PostAsJsonAsync("/api/auth/refresh", new RefreshRequest(login.RefreshToken)),
            401, "invalid-refresh-token");
    }

    static async Task<IReadOnlyList<SessionItem>> ListAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<Page<SessionItem>>("/api/users/me/sessions"))!.Items;

    async Task<RevocationFeed> FeedAsync(DateTimeOffset? since = null)
    {
        using var sibling = _service.AsService(AppIds.Devices);
        var query = since is { } s ? $"?since={s.UtcDateTime:O}" : "";
        return (await sibling.GetFromJsonAsync<RevocationFeed>($"/internal/revocations{query}"))!;
    }

    [Fact]
    public async Task A_user_sees_where_the_account_is_logged_in()
    {
        var anna = await _service.AddUserAsync();
        var phone = await LoginFromAsync(anna.Username, "Phone/1.0", "203.0.113.5");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await LoginFromAsync(anna.Username, "Desk/2.0", "203.0.113.6");
        using var client = _service.WithBearer(phone.AccessToken);
        var items = await ListAsync(client);
        Assert.Equal(
            [("Desk/2.0", "203.0.113.6", false), ("Phone/1.0", "203.0.113.5", true)],
            items.Select(i => (i.Agent, i.IpAddress, i.Current)));
        _clock.Advance(TimeSpan.FromDays(14));
        using var later = _service.As(anna.Id);
        Assert.Empty(await ListAsync(later));
    }

    [Fact]
    public async Task Ending_one_ends_it_at_once_and_no_other()
    {
        var anna = await _service.AddUserAsync();
        var (kept, lost) = (await _service.LoginAsync(anna.Username), await _service.LoginAsync(anna.Username));
        using var client = _service.WithBearer(kept.AccessToken);
        var other = (await ListAsync(client)).Single(i => !i.Current).Id;
        Assert.Equal(HttpStatusCode.NoContent,
            (await client.DeleteAsync($"/api/users/me/sessions/{other}")).StatusCode);
        await AssertOverAsync(lost);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(kept));
        Assert.Equal(other, Assert.Single((await FeedAsync()).Sids));
        await UserService.AssertProblemAsync(
            await client.DeleteAsync($"/api/users/me/sessions/{other}"), 404, "not-found");
    }

    [Fact]
    public async Task Nobody_ends_a_session_of_somebody_else()
    {
        var (anna, ben) = (await _service.AddUserAsync(), await _service.AddUserAsync());
        var login = await _service.LoginAsync(anna.Username);
        using var annas = _service.WithBearer(login.AccessToken);
        var session = Assert.Single(await ListAsync(annas)).Id;
        using var bens = _service.As(ben.Id);
        await UserService.AssertProblemAsync(
            await bens.DeleteAsync($"/api/users/me/sessions/{session}"), 404, "not-found");
        await UserService.AssertProblemAsync(
            await bens.DeleteAsync($"/api/users/{anna.Id}/sessions"), 403, "forbidden");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(login));
        using var anonymous = _service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await anonymous.DeleteAsync("/api/users/me/sessions")).StatusCode);
    }

    [Fact]
    public async Task All_others_end_and_an_operator_ends_all()
    {
        var anna = await _service.AddUserAsync();
        var (kept, lost) = (await _service.LoginAsync(anna.Username), await _service.LoginAsync(anna.Username));
        using var client = _service.WithBearer(kept.AccessToken);
        _clock.Advance(TimeSpan.FromSeconds(1)); // entries of one moment may stand in any order
        (await client.DeleteAsync("/api/users/me/sessions")).EnsureSuccessStatusCode();
        await AssertOverAsync(lost);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(kept));
        _clock.Advance(TimeSpan.FromSeconds(1));
        using var op = _service.As(Guid.CreateVersion7(), Roles.Operator);
        (await op.DeleteAsync($"/api/users/{anna.Id}/sessions")).EnsureSuccessStatusCode();
        await AssertOverAsync(kept);
        await UserService.AssertProblemAsync(
            await op.DeleteAsync($"/api/users/{Guid.NewGuid()}/sessions"), 404, "not-found");
        var trail = (await op.GetFromJsonAsync<Page<AuditItem>>($"/api/users/{anna.Id}/audit"))!.Items;
        Assert.Equal([Acts.AllSessionsEnded, Acts.OtherSessionsEnded], trail.Take(2).Select(t => t.Act));
    }

    [Fact]
    public async Task An_operator_ends_no_admins_sessions_and_keys()
    {
        var admin = await _service.LoginAsync("admin", UserService.AdminPassword);
        using var op = _service.As(Guid.CreateVersion7(), Roles.User, Roles.Operator);
        foreach (var path in new[] { "sessions", $"api-keys/{Guid.NewGuid()}" })
            await UserService.AssertProblemAsync(
                await op.DeleteAsync($"/api/users/{admin.User.Id}/{path}"), 403, "forbidden");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(admin));
        using var other = _service.As(Guid.CreateVersion7(), Roles.User, Roles.Admin);
        (await other.DeleteAsync($"/api/users/{admin.User.Id}/sessions")).EnsureSuccessStatusCode();
        await AssertOverAsync(admin);
    }

    [Fact]
    public async Task Logging_out_refuses_the_access_token_too()
    {
        var login = await _service.LoginAsync((await _service.AddUserAsync()).Username);
        using var anonymous = _service.Anonymous();
        (await anonymous.PostAsJsonAsync("/api/auth/logout", new LogoutRequest(login.RefreshToken)))
            .EnsureSuccessStatusCode();
        await AssertOverAsync(login);
    }

    [Fact]
    public async Task The_feed_tells_each_revocation_for_as_long_as_a_token_lives_and_only_to_services()
    {
        var before = await FeedAsync();
        Assert.Empty(before.Sids);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Logging_out_refuses_the_access_token_too();
        var after = await FeedAsync(before.AsOf);
        Assert.Single(after.Sids);
        Assert.False(after.More);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty((await FeedAsync(_clock.GetUtcNow())).Sids);
        Assert.Single((await FeedAsync(DateTimeOffset.UnixEpoch)).Sids);
        _clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Empty((await FeedAsync(DateTimeOffset.UnixEpoch)).Sids);
        using var admin = _service.As(Guid.CreateVersion7(), Roles.Admin);
        Assert.Equal(HttpStatusCode.Unauthorized, (await admin.GetAsync("/internal/revocations")).StatusCode);
        using var sibling = _service.AsService(AppIds.Gateway);
        await UserService.AssertProblemAsync(
            await sibling.GetAsync("/internal/revocations?since=yesterday"), 400, "bad-request");
    }

    [Fact]
    public async Task Siblings_learn_which_sessions_are_over_however_long_ago()
    {
        var anna = await _service.AddUserAsync();
        var (kept, lost) = (await _service.LoginAsync(anna.Username), await _service.LoginAsync(anna.Username));
        using var client = _service.WithBearer(lost.AccessToken);
        var (ended, open) = (SidOf(lost), SidOf(kept));
        (await client.DeleteAsync($"/api/users/me/sessions/{ended}")).EnsureSuccessStatusCode();
        _clock.Advance(TimeSpan.FromDays(1));
        var never = Guid.CreateVersion7();
        using var sibling = _service.AsService(AppIds.Devices);
        var answer = await sibling.PostAsJsonAsync(
            OverSidsRequest.Path, new OverSidsRequest([open, ended, never, ended]));
        Assert.Equal([ended, never], (await answer.Content.ReadFromJsonAsync<OverSidsAnswer>())!.Sids);
        await UserService.AssertProblemAsync(await sibling.PostAsJsonAsync(OverSidsRequest.Path,
            new OverSidsRequest([.. Enumerable.Range(0, 501).Select(_ => Guid.NewGuid())])), 400, "bad-request");
        using var admin = _service.As(anna.Id, Roles.Admin);
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await admin.PostAsJsonAsync(OverSidsRequest.Path, new OverSidsRequest([open]))).StatusCode);
    }

    static Guid SidOf(TokenAnswer login) =>
        Guid.Parse(new JsonWebToken(login.AccessToken).GetPayloadValue<string>(CurrentUser.SessionClaim));

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
