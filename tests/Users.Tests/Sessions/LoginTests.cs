using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using CloudPhone.Shared.Auth;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;

namespace CloudPhone.Users.Tests.Sessions;

public sealed class LoginTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task A_login_by_name_or_address_gives_tokens_that_every_service_takes()
    {
        var user = await service.AddUserAsync();
        foreach (var name in new[] { user.Username, user.Username.ToUpperInvariant(), user.Email })
        {
            var login = await service.LoginAsync(name);
            Assert.Equal((user.Id, user.Username, 900), (login.User.Id, login.User.Username, login.ExpiresIn));
            using var client = service.WithBearer(login.AccessToken);
            Assert.Equal(user.Id, (await client.GetFromJsonAsync<Me>("/api/users/me"))!.Id);
        }
    }

    [Fact]
    public async Task The_access_token_says_who_for_whom_and_how_long()
    {
        var user = await service.AddUserAsync();
        var (first, second) = (await service.LoginAsync(user.Username), await service.LoginAsync(user.Username));
        var token = new JsonWebTokenHandler().ReadJsonWebToken(first.AccessToken);
        Assert.Equal(("at+jwt", "HS256", "cloudphone"), (token.Typ, token.Alg, token.Issuer));
        Assert.Equal([JwtSettings.UserAudience], token.Audiences);
        Assert.Equal((user.Id.ToString(), user.Username), (token.Subject, token.GetClaim("username").Value));
        Assert.Equal(["user"], token.GetPayloadValue<string[]>("roles"));
        Assert.Equal(TimeSpan.FromMinutes(15), token.ValidTo - token.IssuedAt);
        Assert.NotEqual(token.Id, new JsonWebTokenHandler().ReadJsonWebToken(second.AccessToken).Id);
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
    }

    [Fact]
    public async Task No_password_and_no_refresh_token_is_kept_in_clear()
    {
        var user = await service.AddUserAsync();
        var login = await service.LoginAsync(user.Username);
        var kept = await service.InDatabaseAsync(db => ((UsersDb)db).Users.SingleAsync(u => u.Id == user.Id));
        Assert.StartsWith("$pbkdf2-sha512$i=210000$", kept.PasswordHash, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(service.DataFolder))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            var content = await reader.ReadToEndAsync();
            Assert.DoesNotContain(UserService.Password, content, StringComparison.Ordinal);
            Assert.DoesNotContain(login.RefreshToken, content, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_unknown_name_costs_and_answers_the_same_as_a_wrong_password()
    {
        var user = await service.AddUserAsync();
        using var client = service.Anonymous();
        using var hashes = service.CountHashes();
        var wrong = await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(user.Username, "wrong password"));
        Assert.Equal(1, hashes.Value);
        var unknown = await client.PostAsJsonAsync("/api/auth/login",
            new LoginRequest("nobody-here", "wrong password"));
        Assert.Equal(2, hashes.Value);
        var a = await UserService.AssertProblemAsync(wrong, 401, "invalid-credentials");
        var b = await UserService.AssertProblemAsync(unknown, 401, "invalid-credentials");
        Assert.Equal(a.GetProperty("detail").GetString(), b.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_failure_is_told_with_the_clients_address_for_accounts_that_exist()
    {
        var user = await service.AddUserAsync();
        using var client = service.Anonymous();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7, 127.0.0.1");
        await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(user.Email, "wrong password"));
        await client.PostAsJsonAsync("/api/auth/login", new LoginRequest("no-such-name", "wrong password"));
        var told = Assert.Single(await service.FailuresAsync(), e => e.IpAddress == "203.0.113.7");
        Assert.Equal((user.Id, 1), (told.UserId, told.FailureCount));
    }

    [Fact]
    public async Task A_weaker_hash_of_older_times_is_renewed_by_the_login()
    {
        var user = await service.AddUserAsync();
        var salt = RandomNumberGenerator.GetBytes(16);
        var hash = Rfc2898DeriveBytes.Pbkdf2(UserService.Password, salt, 1000, HashAlgorithmName.SHA512, 32);
        var old = $"$pbkdf2-sha512$i=1000${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";
        await service.InDatabaseAsync(db => ((UsersDb)db).Users.Where(u => u.Id == user.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(u => u.PasswordHash, old)));
        await service.LoginAsync(user.Username);
        var kept = await service.InDatabaseAsync(db => ((UsersDb)db).Users.SingleAsync(u => u.Id == user.Id));
        Assert.Contains("$i=210000$", kept.PasswordHash, StringComparison.Ordinal);
        await service.LoginAsync(user.Username);
    }

    [Theory]
    [InlineData("", "seven green lanterns")]
    [InlineData("anna", "")]
    [InlineData("admin\r\nX-Evil: 1", "some password")]
    [InlineData("admin\0", "some password")]
    public async Task An_empty_or_impossible_field_is_refused(string username, string password)
    {
        using var client = service.Anonymous();
        var answer = await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(username, password));
        await UserService.AssertProblemAsync(answer, 400, "bad-request");
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("%")]
    public async Task A_hostile_name_is_just_unknown(string username)
    {
        using var client = service.Anonymous();
        var answer = await client.PostAsJsonAsync("/api/auth/login",
            new LoginRequest(username, UserService.AdminPassword));
        await UserService.AssertProblemAsync(answer, 401, "invalid-credentials");
    }

    [Fact]
    public async Task Too_many_at_once_are_told_to_come_back_and_the_rest_is_served()
    {
        await using var narrow = new UserService(("PASSWORD_HASH_CONCURRENCY", "1"), ("PASSWORD_HASH_QUEUE", "1"));
        using var client = narrow.Anonymous();
        await client.GetAsync("/health");
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            client.PostAsJsonAsync("/api/auth/login",
                new LoginRequest(string.Create(CultureInfo.InvariantCulture, $"name{i}"), "some password"))));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.Unauthorized);
        var busy = answers.Where(a => a.StatusCode != HttpStatusCode.Unauthorized).ToList();
        Assert.NotEmpty(busy);
        foreach (var answer in busy)
        {
            await UserService.AssertProblemAsync(answer, 503, "busy");
            Assert.NotNull(answer.Headers.RetryAfter);
        }
        await narrow.LoginAsync("admin", UserService.AdminPassword);
    }
}
