using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Users;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace CloudPhone.Postgres.Tests;

/// <summary>Two replicas of the user service behave as one.</summary>
public sealed class TwoUserServicesTests(Server server) : IAsyncLifetime
{
    const string Password = "seven green lanterns";
    TestService<UsersDb>[] _replicas = [];
    Guid _anna;

    public async ValueTask InitializeAsync()
    {
        var url = await server.CreateDatabaseAsync();
        _replicas = [Server.On<UsersDb>(url), Server.On<UsersDb>(url)];
        var request = new { username = "anna", email = "anna@example.com", password = Password };
        _anna = (await Client(0).PostAsJsonAsync("/api/auth/register", request).JsonAsync(201))
            .GetProperty("id").GetGuid();
    }

    /// <summary>Requests go to one replica after the other, as a load balancer sends them.</summary>
    HttpClient Client(int i, string? token = null, string agent = "phone/1")
    {
        var replica = _replicas[i % _replicas.Length];
        var client = token is null ? replica.Anonymous() : replica.WithBearer(token);
        client.DefaultRequestHeaders.UserAgent.ParseAdd(agent);
        return client;
    }

    Task<HttpResponseMessage> LoginAsync(int i, string password = Password, string? otp = null) =>
        Client(i).PostAsJsonAsync("/api/auth/login", new { username = "anna", password, otp });

    async Task<HttpStatusCode> StatusAsync(int i, string token) =>
        (await Client(i, token).GetAsync("/api/users/me")).StatusCode;

    [Fact]
    public async Task Failures_at_either_lock_both()
    {
        for (var i = 0; i < 5; i++)
            await LoginAsync(i, "wrong password").JsonAsync(401);
        for (var i = 0; i < 2; i++)
            await LoginAsync(i).JsonAsync(429);
        await Wait.UntilAsync("each failure to be told once", async () =>
            (await _replicas[0].PublishedAsync<UserLoginFailed>()).Select(e => e.FailureCount).Order()
            .SequenceEqual([1, 2, 3, 4, 5]));
    }

    [Fact]
    public async Task Many_guesses_at_once_at_both_are_no_way_around_the_lock()
    {
        var answers = await Http.AtOnceAsync(20, i => LoginAsync(i, "wrong password"));
        Assert.Equal(5, answers.Count(a => a.StatusCode == HttpStatusCode.Unauthorized));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Unauthorized
            or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable, $"{a.StatusCode}"));
    }

    [Fact]
    public async Task A_refresh_that_is_repeated_at_the_other_gets_the_same_and_a_stolen_one_ends_the_session_at_both()
    {
        var login = await LoginAsync(0).JsonAsync();
        var used = new { refreshToken = login.Text("refreshToken") };
        var tokens = await Http.AtOnceAsync(12, i => Client(i).PostAsJsonAsync("/api/auth/refresh", used).JsonAsync());
        var next = Assert.Single(tokens.Select(t => t.Text("refreshToken")).Distinct());
        await Client(1, agent: "thief/1").PostAsJsonAsync("/api/auth/refresh", used).JsonAsync(401);
        for (var i = 0; i < 2; i++)
        {
            await Client(i).PostAsJsonAsync("/api/auth/refresh", new { refreshToken = next }).JsonAsync(401);
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(i, tokens[0].Text("accessToken")));
        }
    }

    [Fact]
    public async Task What_is_revoked_at_one_is_refused_by_the_other_at_once_and_told_by_it()
    {
        var (ended, kept) = (await LoginAsync(0).JsonAsync(), await LoginAsync(1).JsonAsync());
        var logout = new { refreshToken = ended.Text("refreshToken") };
        await Client(0).PostAsJsonAsync("/api/auth/logout", logout).JsonAsync(204);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(1, ended.Text("accessToken")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(0, kept.Text("accessToken")));
        foreach (var replica in _replicas)
        {
            using var sibling = replica.AsService(AppIds.Devices);
            Assert.Single((await sibling.GetFromJsonAsync<RevocationFeed>("/internal/revocations"))!.Sids);
        }
    }

    [Fact]
    public async Task Twins_of_a_right_code_at_both_lock_nobody_and_count_as_no_attempt()
    {
        // each has logged somebody in: on a cold one the twins would come when the first has long used the code up
        await LoginAsync(1).JsonAsync();
        var login = await LoginAsync(0).JsonAsync();
        var token = login.Text("accessToken");
        Task<JsonElement> PostAsync(string what, object body) =>
            Client(0, token).PostAsJsonAsync($"/api/users/me/two-factor/{what}", body).JsonAsync();
        var setup = await PostAsync("setup", new { currentPassword = Password });
        var app = new Totp(Base32Encoding.ToBytes(setup.Text("secret")));
        var codes = (await PostAsync("enable", new { code = app.ComputeTotp() })).GetProperty("recoveryCodes");

        var logins = await Http.AtOnceAsync(12, i => LoginAsync(i, otp: codes[3].GetString()));
        Assert.Single(logins, a => a.IsSuccessStatusCode);
        await AssertNothingCountedAsync(logins);

        var renewals = await Http.AtOnceAsync(12, i => Client(i, token).PostAsJsonAsync(
            "/api/users/me/two-factor/recovery-codes", new { code = codes[4].GetString() }));
        Assert.Single(renewals, a => a.IsSuccessStatusCode);
        await AssertNothingCountedAsync(renewals);
    }

    async Task AssertNothingCountedAsync(HttpResponseMessage[] answers)
    {
        Assert.DoesNotContain(answers, a => a.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Equal([], await _replicas[0].InDatabaseAsync(db => db.Set<LoginAttempts>()
            .Where(a => a.Count > 0 || a.LockedUntil != null).Select(a => a.Target).ToListAsync()));
        Assert.Equal(0, await _replicas[0].InDatabaseAsync(db => db.Set<FailedLogin>().CountAsync()));
        Assert.DoesNotContain("code-check-failed", await Client(0, _replicas[0].Tokens.User(_anna, [Roles.User]))
            .GetStringAsync("/api/users/me/audit?limit=100"), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }
}
