using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Users.Tests.Accounts;

/// <summary>Idempotency-Keys where nobody is signed in.</summary>
public sealed class RepeatedRequestTests : IAsyncDisposable
{
    const string Key = "7d0c2f4e-one";
    readonly UserService _service = new();

    async Task<HttpResponseMessage> PostAsync(string path, object body, string key = Key, string? token = null)
    {
        using var client = _service.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        return await client.SendAsync(request);
    }

    static object Carla(string password = UserService.Password) =>
        new { username = "carla", email = "carla@example.com", password };

    static bool IsReplay(HttpResponseMessage answer) => answer.Headers.Contains("Idempotency-Replayed");

    Task<int> CountAsync() => _service.InDatabaseAsync(db =>
        ((UsersDb)db).Users.CountAsync(u => u.NormalizedUsername == "carla"));

    [Fact]
    public async Task A_repeated_registration_gets_the_first_answer_signed_in_meanwhile_or_not()
    {
        var first = await PostAsync("/api/auth/register", Carla());
        Assert.Equal((HttpStatusCode.Created, false), (first.StatusCode, IsReplay(first)));
        var token = (await _service.LoginAsync("carla")).AccessToken;
        foreach (var bearer in new[] { null, token })
        {
            var again = await PostAsync("/api/auth/register", Carla(), token: bearer);
            Assert.Equal((HttpStatusCode.Created, true), (again.StatusCode, IsReplay(again)));
            Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
            Assert.Equal(first.Headers.Location, again.Headers.Location);
        }
        Assert.Single(await _service.PublishedAsync<UserRegistered>(), e => e.Username == "carla");
    }

    [Fact]
    public async Task Fifty_at_once_make_one_account()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => PostAsync("/api/auth/register", Carla())));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created && !IsReplay(a));
        foreach (var other in answers.Where(a => a.StatusCode != HttpStatusCode.Created))
            await UserService.AssertProblemAsync(other, 409, "request-in-progress");
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_a_mistake_and_is_told_nothing()
    {
        await PostAsync("/api/auth/register", Carla());
        var other = await PostAsync("/api/auth/register", Carla("eight brown foxes"));
        await UserService.AssertProblemAsync(other, 422, "idempotency-key-reused");
        Assert.DoesNotContain("carla", await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("/api/auth/register",
            new { username = "dora", email = "dora@example.com", password = UserService.Password }, "another"))
            .StatusCode);
    }

    [Fact]
    public async Task What_is_kept_tells_nothing_and_can_not_be_guessed_at()
    {
        var body = JsonSerializer.Serialize(Carla());
        await PostAsync("/api/auth/register", Carla());
        var kept = await _service.InDatabaseAsync(db => db.IdempotencyKeys.SingleAsync());
        Assert.Equal(201, kept.Status);
        var bytes = Convert.FromBase64String(kept.Body!);
        Assert.DoesNotContain("carla", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        Assert.NotEqual(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"\n{body}"))), kept.Fingerprint);
    }

    /// <summary>The account is there, the answer is not: it is found by the id that the key gives.</summary>
    [Fact]
    public async Task A_registration_whose_process_died_before_the_answer_is_answered_when_it_is_repeated()
    {
        var first = await (await PostAsync("/api/auth/register", Carla())).Content.ReadAsStringAsync();
        await _service.InDatabaseAsync(db => db.IdempotencyKeys.ExecuteUpdateAsync(s => s
            .SetProperty(k => k.Status, (int?)null).SetProperty(k => k.RunningUntil, DateTimeOffset.UnixEpoch)));
        var again = await PostAsync("/api/auth/register", Carla());
        Assert.Equal((HttpStatusCode.Created, false), (again.StatusCode, IsReplay(again)));
        Assert.Equal(first, await again.Content.ReadAsStringAsync());
        Assert.Equal(1, await CountAsync());
        await UserService.AssertProblemAsync(
            await PostAsync("/api/auth/register", Carla(), "another"), 409, "username-taken");
    }

    [Fact]
    public async Task A_repeated_wish_for_another_password_mails_one_link_which_may_be_followed_by_a_repeated_request()
    {
        var user = await _service.AddUserAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Accepted,
                (await PostAsync("/api/auth/password-reset", new { email = user.Email })).StatusCode);
        await Testing.Wait.UntilAsync("the link", async () =>
            (await _service.PublishedAsync<UserPasswordResetRequested>()).Count > 0);
        var told = Assert.Single(await _service.PublishedAsync<UserPasswordResetRequested>());
        Assert.Equal(1, await _service.InDatabaseAsync(db => ((UsersDb)db).PasswordResets.CountAsync()));

        var token = _service.Services.GetRequiredService<ResetTokens>().Create(told.ResetId);
        var confirm = new { token, newPassword = "eight brown foxes" };
        Assert.False(IsReplay(await PostAsync("/api/auth/password-reset/confirm", confirm)));
        var again = await PostAsync("/api/auth/password-reset/confirm", confirm);
        Assert.Equal((HttpStatusCode.NoContent, true), (again.StatusCode, IsReplay(again)));
        await UserService.AssertProblemAsync(
            await PostAsync("/api/auth/password-reset/confirm", confirm, "another"), 400, "invalid-reset-token");
    }

    [Fact]
    public async Task A_repeated_confirmation_of_an_address_is_answered_as_the_first()
    {
        var user = await _service.AddUserAsync();
        var confirm = new { token = await _service.RequestEmailAsync(user, "new@example.com") };
        for (var i = 0; i < 2; i++)
            Assert.Equal(HttpStatusCode.NoContent,
                (await PostAsync("/api/auth/email-change/confirm", confirm)).StatusCode);
    }

    /// <summary>Tokens are in no table, sealed or not: who repeats a login gets a session of its own.</summary>
    [Fact]
    public async Task Nothing_is_kept_of_logins_and_their_renewals()
    {
        var user = await _service.AddUserAsync();
        var login = new { username = user.Username, password = UserService.Password };
        var tokens = new List<string>();
        for (var i = 0; i < 2; i++)
            tokens.Add((await (await PostAsync("/api/auth/login", login)).Content.ReadFromJsonAsync<TokenAnswer>())!
                .RefreshToken);
        Assert.Distinct(tokens);
        (await PostAsync("/api/auth/refresh", new { refreshToken = tokens[0] })).EnsureSuccessStatusCode();
        (await PostAsync("/api/auth/logout", new { refreshToken = tokens[1] })).EnsureSuccessStatusCode();
        Assert.Equal(0, await _service.InDatabaseAsync(db => db.IdempotencyKeys.CountAsync()));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
