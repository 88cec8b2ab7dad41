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
            Assert.Equal(1, await StartAsync(folder));
            Assert.Equal(1, await StartAsync(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<int> StartAsync(string folder)
    {
        await using var service = new UserService(("ADMIN_PASSWORD", ""), ("CLOUDPHONE_DATA", folder));
        return await service.InDatabaseAsync(db => ((UsersDb)db).Users.CountAsync());
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
