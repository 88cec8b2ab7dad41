using System.Net.Http.Json;
using System.Text.RegularExpressions;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Tests.Accounts;

public sealed class FirstAdminTests
{
    [Fact]
    public async Task The_first_start_makes_an_admin_with_the_password_that_is_set()
    {
        await using var service = new UserService();
        var login = await service.LoginAsync("admin", UserService.AdminPassword);
        Assert.Equal(["user", "operator", "admin"], login.User.Roles);
        using var client = service.WithBearer(login.AccessToken);
        Assert.True((await client.GetAsync("/api/users")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Without_a_set_password_the_log_shows_a_random_one_once_and_a_second_start_makes_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("cloudphone-admin-").FullName;
        try
        {
            var password = Assert.Single(await StartAsync(folder, null));
            Assert.Empty(await StartAsync(folder, password));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Else a crash in between would leave an admin whom nobody knows.</summary>
    [Fact]
    public async Task The_password_is_shown_before_the_account_is_there()
    {
        var folder = Directory.CreateTempSubdirectory("cloudphone-admin-").FullName;
        try
        {
            await using (var first = new UserService(("CLOUDPHONE_DATA", folder)))
                await first.InDatabaseAsync(db => ((UsersDb)db).Users.ExecuteUpdateAsync(
                    s => s.SetProperty(u => u.Roles, new List<string> { "user" })));
            // the name is somebody's, so that no admin can be made
            await using var second = new UserService(("ADMIN_PASSWORD", ""), ("CLOUDPHONE_DATA", folder));
            second.Anonymous().Dispose();
            var lines = second.LogLines.ToList();
            var shown = lines.FindIndex(l => l.Contains("with the password", StringComparison.Ordinal));
            var notMade = lines.FindIndex(l => l.Contains("was not made", StringComparison.Ordinal));
            Assert.True(shown >= 0 && shown < notMade, string.Join('\n', lines));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>The passwords that its log shows.</returns>
    static async Task<List<string>> StartAsync(string folder, string? known)
    {
        await using var service = new UserService(("ADMIN_PASSWORD", ""), ("CLOUDPHONE_DATA", folder));
        Assert.Equal(1, await service.InDatabaseAsync(db => ((UsersDb)db).Users.CountAsync()));
        var shown = service.LogLines.Select(l => Regex.Match(l, "with the password ([A-Za-z2-9]{20}) "))
            .Where(m => m.Success).Select(m => m.Groups[1].Value).ToList();
        using var client = service.Anonymous();
        if (known is null)
        {
            // the one that was shown is good for one login, which brings another
            var first = new LoginRequest("admin", shown[0]);
            await UserService.AssertProblemAsync(
                await client.PostAsJsonAsync("/api/auth/login", first), 403, "password-change-required");
            await UserService.AssertProblemAsync(
                await client.PostAsJsonAsync("/api/auth/login", first with { NewPassword = "admin123456" }),
                400, "bad-request");
            (await client.PostAsJsonAsync("/api/auth/login", first with { NewPassword = UserService.AdminPassword }))
                .EnsureSuccessStatusCode();
        }
        else
            await UserService.AssertProblemAsync(await client.PostAsJsonAsync("/api/auth/login",
                new LoginRequest("admin", known, NewPassword: "another good phrase")), 401, "invalid-credentials");
        await service.LoginAsync("admin", UserService.AdminPassword);
        return shown;
    }

    [Theory]
    [InlineData("ADMIN_PASSWORD", "short")]
    [InlineData("ADMIN_PASSWORD", "Administrator1")]
    [InlineData("ADMIN_EMAIL", "nobody")]
    [InlineData("DEFAULT_MAX_DEVICES", "-1")]
    [InlineData("PASSWORD_HASH_ITERATIONS", "1000")]
    public async Task A_wrong_setting_ends_the_process(string name, string value)
    {
        await using var service = new UserService((name, value));
        Assert.ThrowsAny<Exception>(() => service.Anonymous());
    }
}
