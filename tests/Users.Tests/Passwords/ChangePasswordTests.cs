using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Tests.Passwords;

public sealed class ChangePasswordTests(UserService service) : IClassFixture<UserService>
{
    const string Next = "eight blue umbrellas";

    static Task<HttpResponseMessage> ChangeAsync(HttpClient client, string current, string next) =>
        client.PostAsJsonAsync("/api/users/me/password", new ChangePasswordRequest(current, next));

    [Fact]
    public async Task The_new_one_is_good_the_old_one_not_and_all_other_sessions_end()
    {
        var anna = await service.AddUserAsync();
        var (mine, other) = (await service.LoginAsync(anna.Username), await service.LoginAsync(anna.Username));
        using var client = service.WithBearer(mine.AccessToken);
        Assert.Equal(HttpStatusCode.NoContent, (await ChangeAsync(client, UserService.Password, Next)).StatusCode);
        await service.LoginAsync(anna.Username, Next);
        using var anonymous = service.Anonymous();
        await UserService.AssertProblemAsync(
            await anonymous.PostAsJsonAsync("/api/auth/login", new LoginRequest(anna.Username, UserService.Password)),
            401, "invalid-credentials");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/users/me")).StatusCode);
        using var others = service.WithBearer(other.AccessToken);
        Assert.Equal(HttpStatusCode.Unauthorized, (await others.GetAsync("/api/users/me")).StatusCode);
        await UserService.AssertProblemAsync(
            await anonymous.PostAsJsonAsync("/api/auth/refresh", new RefreshRequest(other.RefreshToken)),
            401, "invalid-refresh-token");
        var told = Assert.Single(await service.PublishedAsync<UserPasswordChanged>(), e => e.UserId == anna.Id);
        Assert.Equal((anna.Username, anna.Email), (told.Username, told.Email));
        Assert.True(await service.InDatabaseAsync(db => ((UsersDb)db).AuditEntries
            .AnyAsync(e => e.UserId == anna.Id && e.Act == Acts.PasswordChanged && e.ActorId == anna.Id)));
    }

    [Theory]
    [InlineData("wrong password", Next, 403, "invalid-credentials")]
    [InlineData(UserService.Password, "short", 400, "bad-request")]
    [InlineData(UserService.Password, "password123", 400, "bad-request")]
    [InlineData(UserService.Password, UserService.Password, 400, "bad-request")]
    [InlineData("", Next, 400, "bad-request")]
    public async Task What_is_wrong_is_refused_and_changes_nothing(string current, string next, int status, string type)
    {
        var anna = await service.AddUserAsync();
        var other = await service.LoginAsync(anna.Username);
        using var client = service.As(anna.Id);
        await UserService.AssertProblemAsync(await ChangeAsync(client, current, next), status, type);
        await service.LoginAsync(anna.Username);
        using var others = service.WithBearer(other.AccessToken);
        Assert.Equal(HttpStatusCode.OK, (await others.GetAsync("/api/users/me")).StatusCode);
        Assert.DoesNotContain(await service.PublishedAsync<UserPasswordChanged>(), e => e.UserId == anna.Id);
    }

    [Fact]
    public async Task Of_two_at_once_one_wins()
    {
        var anna = await service.AddUserAsync();
        using var client = service.As(anna.Id);
        var answers = await Task.WhenAll(
            ChangeAsync(client, UserService.Password, Next), ChangeAsync(client, UserService.Password, Next + "!"));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.NoContent);
        Assert.Single(await service.PublishedAsync<UserPasswordChanged>(), e => e.UserId == anna.Id);
        using var anonymous = service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsJsonAsync(
            "/api/users/me/password", new ChangePasswordRequest(UserService.Password, Next))).StatusCode);
    }
}
