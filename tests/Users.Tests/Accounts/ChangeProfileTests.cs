using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Accounts;

public sealed class ChangeProfileTests(UserService service) : IClassFixture<UserService>
{
    Task<User> UserAsync(Guid id) =>
        service.InDatabaseAsync(db => ((UsersDb)db).Users.AsNoTracking().SingleAsync(u => u.Id == id));

    async Task<IReadOnlyList<UserProfileUpdated>> ToldAsync(Guid id) =>
        [.. (await service.PublishedAsync<UserProfileUpdated>()).Where(e => e.UserId == id)];

    static Task<HttpResponseMessage> PatchAsync(HttpClient client, object request) =>
        client.PatchAsJsonAsync("/api/users/me", request);

    [Fact]
    public async Task The_language_is_changed_and_told_once()
    {
        var anna = await service.AddUserAsync();
        using var client = service.As(anna.Id);
        for (var i = 0; i < 2; i++)
        {
            var answer = await PatchAsync(client, new { language = "zh-CN" });
            Assert.Equal("zh-CN", (await answer.Content.ReadFromJsonAsync<UserProfile>())!.Language);
        }
        var told = Assert.Single(await ToldAsync(anna.Id));
        Assert.Equal(
            (anna.Username, anna.Email, "zh-CN", 2L), (told.Username, told.Email, told.Language, told.Version));
        Assert.Equal("zh-CN", (await client.GetFromJsonAsync<Me>("/api/users/me"))!.Language);
    }

    [Fact]
    public async Task Another_address_needs_the_password_and_is_told()
    {
        var anna = await service.AddUserAsync();
        using var client = service.As(anna.Id);
        var email = $"new-{anna.Username}@example.com";
        await UserService.AssertProblemAsync(await PatchAsync(client, new { email }), 400, "bad-request");
        await UserService.AssertProblemAsync(
            await PatchAsync(client, new { email, currentPassword = "wrong password" }), 403, "invalid-credentials");
        Assert.Equal(anna.Email, (await UserAsync(anna.Id)).Email);
        var asked = await PatchAsync(client, new { email, currentPassword = UserService.Password });
        var profile = (await asked.Content.ReadFromJsonAsync<UserProfile>())!;
        Assert.Equal((anna.Email, email), (profile.Email, profile.PendingEmail));
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        await AssertPendingAsync(anna.Id, client, op, email);
        var again = await PatchAsync(client, new { language = "zh-CN" });
        Assert.Equal(email, (await again.Content.ReadFromJsonAsync<UserProfile>())!.PendingEmail);
        (await PatchAsync(client, new { language = "en" })).EnsureSuccessStatusCode();
        // until the mailed link was opened nothing is different
        Assert.Equal(anna.Email, (await UserAsync(anna.Id)).Email);
        Assert.DoesNotContain(await ToldAsync(anna.Id), e => e.Email != anna.Email);
        (await service.ConfirmEmailAsync(await service.RequestEmailAsync(anna, email))).EnsureSuccessStatusCode();
        var told = (await ToldAsync(anna.Id))[^1];
        Assert.Equal((email, anna.Email), (told.Email, told.OldEmail));
        await AssertPendingAsync(anna.Id, client, op, null);
        var changed = Assert.Single(await service.PublishedAsync<UserEmailChanged>(), e => e.UserId == anna.Id);
        Assert.Equal((email, anna.Email), (changed.Email, changed.OldEmail));
        await service.LoginAsync(email);
        var entry = await service.InDatabaseAsync(db => ((UsersDb)db).AuditEntries
            .SingleAsync(e => e.UserId == anna.Id && e.Act == Acts.EmailChanged));
        Assert.Equal($"from {anna.Email} to {email}", entry.Detail);
    }

    static async Task AssertPendingAsync(Guid id, HttpClient owner, HttpClient op, string? email)
    {
        Assert.Equal(email, (await owner.GetFromJsonAsync<Me>("/api/users/me"))!.PendingEmail);
        foreach (var reader in new[] { owner, op })
            Assert.Equal(email, (await reader.GetFromJsonAsync<UserProfile>($"/api/users/{id}"))!.PendingEmail);
        var listed = await op.GetFromJsonAsync<Page<UserProfile>>("/api/users?limit=100");
        Assert.Equal(email, Assert.Single(listed!.Items, u => u.Id == id).PendingEmail);
    }

    [Fact]
    public async Task An_address_that_somebody_has_is_pending_like_any_other_and_only_for_a_day()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var own = new UserService();
        own.With(clock);
        var (anna, ben) = (await own.AddUserAsync(), await own.AddUserAsync());
        using var client = own.As(anna.Id);
        foreach (var email in new[] { "free@example.com", ben.Email })
        {
            (await PatchAsync(client, new { email, currentPassword = UserService.Password })).EnsureSuccessStatusCode();
            clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(email, (await client.GetFromJsonAsync<Me>("/api/users/me"))!.PendingEmail);
        }
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Null((await client.GetFromJsonAsync<Me>("/api/users/me"))!.PendingEmail);
    }

    [Fact]
    public async Task Too_many_addresses_are_refused_as_what_they_are()
    {
        using var client = service.As((await service.AddUserAsync()).Id);
        Task<HttpResponseMessage> AskAsync(int i) =>
            PatchAsync(client, new { email = $"many-{i}@example.com", currentPassword = UserService.Password });
        for (var i = 0; i < 5; i++)
            (await AskAsync(i)).EnsureSuccessStatusCode();
        var problem = await UserService.AssertProblemAsync(await AskAsync(5), 429, "too-many-attempts");
        Assert.StartsWith("Too many new e-mail addresses;", problem.GetProperty("detail").GetString()!,
            StringComparison.Ordinal);
    }

    /// <summary>The language, and the link that the address is confirmed by, change the same row.</summary>
    [Fact]
    public async Task Language_and_address_that_change_at_once_are_both_kept()
    {
        for (var i = 0; i < 8; i++)
        {
            var anna = await service.AddUserAsync();
            using var client = service.As(anna.Id);
            var (first, second) = ($"first-{anna.Username}@example.com", $"second-{anna.Username}@example.com");
            var token = await service.RequestEmailAsync(anna, first);
            var answers = await Task.WhenAll(
                PatchAsync(client, new { language = "zh-CN" }), service.ConfirmEmailAsync(token),
                PatchAsync(client, new { language = "zh-CN", email = second, currentPassword = UserService.Password }));
            Assert.All(answers, a => Assert.True(
                a.IsSuccessStatusCode || a.StatusCode == HttpStatusCode.Conflict, $"{a.StatusCode}"));
            // whoever came too late is told so, and is right when asking again
            if (!answers[1].IsSuccessStatusCode)
                answers[1] = await service.ConfirmEmailAsync(token);
            if (!answers[0].IsSuccessStatusCode && !answers[2].IsSuccessStatusCode)
                (await PatchAsync(client, new { language = "zh-CN" })).EnsureSuccessStatusCode();
            var user = await UserAsync(anna.Id);
            Assert.Equal((first, "zh-CN"), (user.Email, user.Language));
            var told = await ToldAsync(anna.Id);
            Assert.Equal(Enumerable.Range(2, told.Count), told.Select(e => (int)e.Version).Order());
            var last = told.MaxBy(e => e.Version)!;
            Assert.Equal((first, "zh-CN"), (last.Email, last.Language));
        }
    }

    [Theory]
    [InlineData("""{"language":"fr"}""")]
    [InlineData("""{"email":"nobody","currentPassword":"seven green lanterns"}""")]
    [InlineData("""{"email":"a@b.example\r\nBcc: c@d.example","currentPassword":"seven green lanterns"}""")]
    [InlineData("""{"language":1}""")]
    [InlineData("")]
    public async Task What_is_wrong_is_refused_and_changes_nothing(string body)
    {
        var anna = await service.AddUserAsync();
        using var client = service.As(anna.Id);
        var answer = await client.PatchAsync("/api/users/me", new StringContent(body, null, "application/json"));
        await UserService.AssertProblemAsync(answer, 400, "bad-request");
        Assert.Equal(1, (await UserAsync(anna.Id)).Version);
        Assert.Empty(await ToldAsync(anna.Id));
    }

    [Fact]
    public async Task Nobody_takes_an_address_that_somebody_has_not_even_at_the_same_moment()
    {
        var (anna, ben) = (await service.AddUserAsync(), await service.AddUserAsync());
        using var client = service.As(anna.Id);
        // the answer does not tell whose an address is, and no link is made
        var taken = await PatchAsync(
            client, new { email = ben.Email.ToUpperInvariant(), currentPassword = UserService.Password });
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        var wanted = $"both-{anna.Username}@example.com";
        var first = await service.RequestEmailAsync(anna, wanted);
        var second = await service.RequestEmailAsync(ben, wanted);
        Assert.NotEqual(first, second);
        var answers = await Task.WhenAll(service.ConfirmEmailAsync(first), service.ConfirmEmailAsync(second));
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
        Assert.DoesNotContain(await service.PublishedAsync<UserEmailChangeRequested>(),
            e => e.Email.Equals(ben.Email, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_link_for_an_address_is_good_once_and_ends_with_another_password()
    {
        var (anna, clock) = (await service.AddUserAsync(), new FakeTimeProvider(DateTimeOffset.UtcNow));
        var token = await service.RequestEmailAsync(anna, $"once-{anna.Username}@example.com");
        (await service.ConfirmEmailAsync(token)).EnsureSuccessStatusCode();
        foreach (var bad in new[] { token, "", "x.y", service.Services.GetRequiredService<ResetTokens>()
            .Create(Guid.Parse(token.Split('.')[0])) })
            await UserService.AssertProblemAsync(
                await service.ConfirmEmailAsync(bad), 400, "invalid-email-token");
        token = await service.RequestEmailAsync(anna, $"never-{anna.Username}@example.com");
        using var client = service.As(anna.Id);
        (await client.PostAsJsonAsync("/api/users/me/password",
            new { currentPassword = UserService.Password, newPassword = "nine red balloons" }))
            .EnsureSuccessStatusCode();
        await UserService.AssertProblemAsync(await service.ConfirmEmailAsync(token), 400, "invalid-email-token");
        await using var late = new UserService();
        late.With(clock);
        var ben = await late.AddUserAsync();
        token = await late.RequestEmailAsync(ben, "late@example.com");
        clock.Advance(TimeSpan.FromHours(25));
        await UserService.AssertProblemAsync(await late.ConfirmEmailAsync(token), 400, "invalid-email-token");
    }

    [Fact]
    public async Task Guessing_the_password_here_is_slowed_down_and_locks_nobodys_login()
    {
        var anna = await service.AddUserAsync();
        using var client = service.As(anna.Id);
        var guess = new { email = "thief@example.com", currentPassword = "wrong password" };
        for (var i = 0; i < 5; i++)
            await UserService.AssertProblemAsync(await PatchAsync(client, guess), 403, "invalid-credentials");
        await UserService.AssertProblemAsync(await PatchAsync(client, guess), 429, "too-many-attempts");
        await service.LoginAsync(anna.Username);
    }
}
