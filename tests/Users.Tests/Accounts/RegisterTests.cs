using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users.Accounts;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Tests.Accounts;

public sealed class RegisterTests(UserService service) : IClassFixture<UserService>
{
    const string Password = UserService.Password;

    [Fact]
    public async Task A_new_user_gets_an_account_a_quota_and_an_event()
    {
        using var client = service.Anonymous();
        var request = new RegisterRequest("Bea.Lin", "Bea@Example.com", Password, "zh-CN");
        var answer = await client.PostAsJsonAsync("/api/auth/register", request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var user = (await answer.Content.ReadFromJsonAsync<RegisteredUser>())!;
        Assert.Equal($"/api/users/{user.Id}", answer.Headers.Location?.OriginalString);
        Assert.Equal(("Bea.Lin", "Bea@Example.com"), (user.Username, user.Email));

        using var self = service.As(user.Id);
        var me = await self.GetFromJsonAsync<Me>("/api/users/me");
        Assert.Equal((user.Id, 0m, "CNY"), (me!.Id, me.Balance, me.Currency));
        Assert.Equal(["user"], me.Roles);
        var quota = await service.QuotaAsync(user.Id);
        Assert.Equal((5, 16, 32), (quota.Limits.MaxDevices, quota.Limits.TotalCpuCores, quota.Limits.TotalMemoryGB));
        var told = Assert.Single(await service.PublishedAsync<UserRegistered>(), e => e.UserId == user.Id);
        Assert.Equal(("Bea.Lin", "Bea@Example.com", "zh-CN"), (told.Username, told.Email, told.Language));
    }

    [Theory]
    [InlineData("zh-TW,zh;q=0.9,en;q=0.5", "zh-CN")]
    [InlineData("fr, en;q=0.8, zh;q=0.7", "en")]
    [InlineData("zh;q=0, fr", "en")]
    [InlineData("", "en")]
    public async Task The_language_is_that_of_the_browser_unless_it_is_given(string accepted, string language)
    {
        using var client = service.Anonymous();
        client.DefaultRequestHeaders.Add("Accept-Language", accepted);
        var name = $"lang-{Guid.NewGuid():N}"[..20];
        (await client.PostAsJsonAsync("/api/auth/register",
            new { username = name, email = $"{name}@example.com", password = Password }))
            .EnsureSuccessStatusCode();
        Assert.Equal(language, (await service.PublishedAsync<UserRegistered>())
            .Single(e => e.Username == name).Language);
    }

    [Fact]
    public async Task A_name_or_address_is_given_once_whatever_its_letter_case()
    {
        var user = await service.RegisterAsync();
        using var client = service.Anonymous();
        var sameName = new RegisterRequest(user.Username.ToUpperInvariant(), "other@example.com", Password);
        await UserService.AssertProblemAsync(await client.PostAsJsonAsync("/api/auth/register", sameName), 409,
            "username-taken");
        var sameEmail = new RegisterRequest("someone-else", user.Email.ToUpperInvariant(), Password);
        await UserService.AssertProblemAsync(await client.PostAsJsonAsync("/api/auth/register", sameEmail), 409,
            "email-taken");
    }

    [Fact]
    public async Task Of_many_at_once_with_one_name_one_wins()
    {
        using var client = service.Anonymous();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            client.PostAsJsonAsync("/api/auth/register",
                new RegisterRequest("crowd", $"crowd{i}@example.com", Password))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
        Assert.Single(await service.PublishedAsync<UserRegistered>(), e => e.Username == "crowd");
    }

    [Theory]
    [InlineData("username", "ab", "a@example.com", Password, null)]
    [InlineData("username", "has space", "a@example.com", Password, null)]
    [InlineData("username", "tab\tbed", "a@example.com", Password, null)]
    [InlineData("username", "名字名字", "a@example.com", Password, null)]
    [InlineData("username", "a@example.com", "a@example.com", Password, null)]
    [InlineData("email", "valid-name", "nobody", Password, null)]
    [InlineData("email", "valid-name", "a@b", Password, null)]
    [InlineData("email", "valid-name", "Anna <a@example.com>", Password, null)]
    [InlineData("email", "valid-name", "a@example.com\r\nBcc: b@example.com", Password, null)]
    [InlineData("email", "valid-name", "a@-example.com", Password, null)]
    [InlineData("password", "valid-name", "a@example.com", "short", null)]
    [InlineData("password", "valid-name", "a@example.com", "", null)]
    [InlineData("password", "valid-name", "a@example.com", "Password123!", null)]
    [InlineData("password", "valid-name", "a@example.com", "valid-name1", null)]
    [InlineData("language", "valid-name", "a@example.com", Password, "fr")]
    public async Task A_wrong_field_is_named_and_nothing_is_made(
        string field, string username, string email, string password, string? language)
    {
        using var client = service.Anonymous();
        var request = new RegisterRequest(username, email, password, language);
        var problem = await UserService.AssertProblemAsync(
            await client.PostAsJsonAsync("/api/auth/register", request), 400, "bad-request");
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        Assert.False(await service.InDatabaseAsync(db =>
            ((UsersDb)db).Users.AnyAsync(u => u.NormalizedUsername == "valid-name")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"username":"valid-name","email":"a@example.com"}""")]
    [InlineData("""{"username":null,"email":"a@example.com","password":"seven green lanterns"}""")]
    [InlineData("""{"username":["valid-name"],"email":"a@example.com","password":"seven green lanterns"}""")]
    public async Task A_body_of_the_wrong_shape_is_refused(string body)
    {
        using var client = service.Anonymous();
        var answer = await client.PostAsync("/api/auth/register", new StringContent(body, null, "application/json"));
        await UserService.AssertProblemAsync(answer, 400, "bad-request");
    }

    [Fact]
    public async Task A_password_of_129_characters_is_too_long_and_one_of_128_is_not()
    {
        var password = string.Concat(Enumerable.Range(0, 32).Select(i => $"{i:x2}-z"));
        using var client = service.Anonymous();
        var request = new RegisterRequest("long-password", "long@example.com", password + "x");
        await UserService.AssertProblemAsync(await client.PostAsJsonAsync("/api/auth/register", request), 400,
            "bad-request");
        (await client.PostAsJsonAsync("/api/auth/register", request with { Password = password }))
            .EnsureSuccessStatusCode();
        await service.LoginAsync("long-password", password);
    }
}
