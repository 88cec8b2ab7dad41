using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Resets;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Resets;

public sealed class ResetTests : IAsyncDisposable
{
    const string Next = "eight blue umbrellas";
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly UserService _service = new();

    public ResetTests() => _service.With(_clock);

    async Task<HttpResponseMessage> RequestAsync(string email, string from = "203.0.113.1")
    {
        using var client = _service.Anonymous();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", from);
        return await client.PostAsJsonAsync("/api/auth/password-reset", new PasswordResetRequest(email));
    }

    async Task<HttpResponseMessage> ConfirmAsync(string token, string password = Next)
    {
        using var client = _service.Anonymous();
        return await client.PostAsJsonAsync(
            "/api/auth/password-reset/confirm", new ConfirmResetRequest(token, password));
    }

    Task<IReadOnlyList<UserPasswordResetRequested>> ToldAsync() =>
        _service.PublishedAsync<UserPasswordResetRequested>();

    /// <summary>Asks for a link and waits for its event.</summary>
    /// <returns>The token that the notification service mails.</returns>
    async Task<string> LinkAsync(User user)
    {
        var before = (await ToldAsync()).Count;
        Assert.Equal(HttpStatusCode.Accepted, (await RequestAsync(user.Email)).StatusCode);
        await Wait.UntilAsync("the event", async () => (await ToldAsync()).Count > before);
        return _service.Services.GetRequiredService<ResetTokens>().Create((await ToldAsync())[^1].ResetId);
    }

    Task SettledAsync() => Wait.UntilAsync("all requests to be looked at", () => _service.InDatabaseAsync(
        async db => !await ((UsersDb)db).PasswordResets.AnyAsync(r => r.NextAttemptAt != null)));

    [Fact]
    public async Task The_link_gives_another_password_once_and_ends_all_sessions()
    {
        var anna = await _service.AddUserAsync();
        var login = await _service.LoginAsync(anna.Username);
        var token = await LinkAsync(anna);
        var told = Assert.Single(await ToldAsync());
        Assert.Equal((anna.Id, anna.Email, _clock.GetUtcNow().AddMinutes(30)),
            (told.UserId, told.Email, told.ExpiresAt));
        Assert.Equal(HttpStatusCode.NoContent, (await ConfirmAsync(token)).StatusCode);
        await _service.LoginAsync(anna.Username, Next);
        using var client = _service.WithBearer(login.AccessToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/users/me")).StatusCode);
        Assert.Single(await _service.PublishedAsync<UserPasswordChanged>());
        await UserService.AssertProblemAsync(
            await ConfirmAsync(token, "nine red balloons"), 400, "invalid-reset-token");
        await _service.LoginAsync(anna.Username, Next);
    }

    [Fact]
    public async Task An_unknown_address_gets_the_same_answer_and_nothing_happens()
    {
        var anna = await _service.AddUserAsync();
        var (known, unknown) = (await RequestAsync(anna.Email), await RequestAsync("nobody@example.com"));
        Assert.Equal(HttpStatusCode.Accepted, known.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, unknown.StatusCode);
        Assert.Equal(await known.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
        // whose it is, is only looked up after the answer
        Assert.Equal(2, await _service.InDatabaseAsync(db => ((UsersDb)db).PasswordResets.CountAsync()));
        await SettledAsync();
        Assert.Equal(anna.Id, Assert.Single(await ToldAsync()).UserId);
        await UserService.AssertProblemAsync(await RequestAsync("nobody"), 400, "bad-request");
    }

    [Fact]
    public async Task A_link_ends_after_30_minutes_and_with_another_that_was_used()
    {
        var anna = await _service.AddUserAsync();
        var old = await LinkAsync(anna);
        _clock.Advance(TimeSpan.FromMinutes(31));
        await UserService.AssertProblemAsync(await ConfirmAsync(old), 400, "invalid-reset-token");
        var (first, second) = (await LinkAsync(anna), await LinkAsync(anna));
        (await ConfirmAsync(second)).EnsureSuccessStatusCode();
        await UserService.AssertProblemAsync(await ConfirmAsync(first), 400, "invalid-reset-token");
    }

    [Theory]
    [InlineData("suspend", """{"reason":"fraud"}""")]
    [InlineData("suspend and reinstate", """{"reason":"fraud"}""")]
    [InlineData("roles", """{"roles":["user","operator"]}""")]
    [InlineData("password", """{"currentPassword":"seven green lanterns","newPassword":"nine red balloons"}""")]
    [InlineData("address", "")]
    public async Task A_link_ends_with_what_changes_the_account(string change, string body)
    {
        var anna = await _service.AddUserAsync();
        var token = await LinkAsync(anna);
        var json = new StringContent(body, null, "application/json");
        using var admin = _service.As(Guid.CreateVersion7(), "user", "operator", "admin");
        using var annas = _service.As(anna.Id);
        switch (change)
        {
            case "address":
                await _service.ChangeEmailAsync(anna, "elsewhere@example.com");
                break;
            case "password":
                (await annas.PostAsync("/api/users/me/password", json)).EnsureSuccessStatusCode();
                break;
            case "roles":
                (await admin.PutAsync($"/api/users/{anna.Id}/roles", json)).EnsureSuccessStatusCode();
                break;
            default:
                (await admin.PostAsync($"/api/users/{anna.Id}/suspend", json)).EnsureSuccessStatusCode();
                if (change != "suspend")
                    (await admin.PostAsync($"/api/users/{anna.Id}/reinstate", null)).EnsureSuccessStatusCode();
                break;
        }
        var before = await PasswordAsync(anna.Id);
        await UserService.AssertProblemAsync(await ConfirmAsync(token), 400, "invalid-reset-token");
        Assert.Equal(before, await PasswordAsync(anna.Id));
    }

    Task<string> PasswordAsync(Guid id) => _service.InDatabaseAsync(db =>
        ((UsersDb)db).Users.Where(u => u.Id == id).Select(u => u.PasswordHash).SingleAsync());

    [Fact]
    public async Task Used_by_many_at_once_it_is_good_once()
    {
        var token = await LinkAsync(await _service.AddUserAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ConfirmAsync(token)));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.NoContent);
        Assert.Single(await _service.PublishedAsync<UserPasswordChanged>());
    }

    [Fact]
    public async Task A_bad_password_does_not_use_the_link_up()
    {
        var token = await LinkAsync(await _service.AddUserAsync());
        await UserService.AssertProblemAsync(await ConfirmAsync(token, "password123"), 400, "bad-request");
        (await ConfirmAsync(token)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Forged_tokens_are_refused()
    {
        var token = await LinkAsync(await _service.AddUserAsync());
        var parts = token.Split('.');
        foreach (var forged in new[]
        {
            "", "x", ".", token + "A", $"{parts[0]}.", $"{Guid.CreateVersion7():N}.{parts[1]}",
            $"{parts[0]}.{(parts[1][0] == 'A' ? 'E' : 'A')}{parts[1][1..]}", $"{parts[0]}.%%%",
        })
            await UserService.AssertProblemAsync(await ConfirmAsync(forged), 400, "invalid-reset-token");
        (await ConfirmAsync(token)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Few_mails_go_to_one_account_and_few_requests_come_from_one_address()
    {
        var anna = await _service.AddUserAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => RequestAsync(anna.Email)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Accepted, a.StatusCode));
        await SettledAsync();
        Assert.Equal(3, (await ToldAsync()).Count);
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Accepted, (await RequestAsync($"other-{i}@example.com")).StatusCode);
        await UserService.AssertProblemAsync(await RequestAsync("one-more@example.com"), 429, "too-many-attempts");
        Assert.Equal(HttpStatusCode.Accepted, (await RequestAsync("one-more@example.com", "203.0.113.2")).StatusCode);
    }

    [Fact]
    public async Task It_ends_the_wait_after_failed_logins()
    {
        var anna = await _service.AddUserAsync();
        using var client = _service.Anonymous();
        for (var i = 0; i < 6; i++)
            await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(anna.Username, "wrong password"));
        (await ConfirmAsync(await LinkAsync(anna))).EnsureSuccessStatusCode();
        await _service.LoginAsync(anna.Username, Next);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
