using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Tests.Accounts;

public sealed class AdministrationTests : IAsyncDisposable
{
    static readonly string[] All = [Roles.User, Roles.Operator, Roles.Admin];
    readonly UserService _service = new();

    HttpClient Admin() => _service.As(Guid.CreateVersion7(), Roles.Admin);

    async Task<Guid> FirstAdminAsync() => (await _service.LoginAsync("admin", UserService.AdminPassword)).User.Id;

    static Task<HttpResponseMessage> SetRolesAsync(HttpClient client, Guid id, params string[] roles) =>
        client.PutAsJsonAsync($"/api/users/{id}/roles", new ChangeRolesRequest(roles));

    static Task<HttpResponseMessage> SuspendAsync(HttpClient client, Guid id, string reason = "does harm") =>
        client.PostAsJsonAsync($"/api/users/{id}/suspend", new SuspendRequest(reason));

    Task<HttpResponseMessage> TryLoginAsync(string name, string password) =>
        _service.Anonymous().PostAsJsonAsync("/api/auth/login", new LoginRequest(name, password));

    async Task<HttpStatusCode> StatusAsync(TokenAnswer login)
    {
        using var client = _service.WithBearer(login.AccessToken);
        return (await client.GetAsync("/api/users/me")).StatusCode;
    }

    Task<List<string>> ActsAsync(Guid id) => _service.InDatabaseAsync(db =>
        ((UsersDb)db).AuditEntries.Where(e => e.UserId == id).OrderBy(e => e.At).Select(e => e.Act).ToListAsync());

    [Fact]
    public async Task Other_roles_end_the_sessions_and_count_from_the_next_login_on()
    {
        var anna = await _service.AddUserAsync();
        var login = await _service.LoginAsync(anna.Username);
        using var admin = Admin();
        var answer = await SetRolesAsync(admin, anna.Id, Roles.Operator);
        Assert.Equal([Roles.User, Roles.Operator], (await answer.Content.ReadFromJsonAsync<UserProfile>())!.Roles);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(login));
        var next = await _service.LoginAsync(anna.Username);
        Assert.Equal([Roles.User, Roles.Operator], next.User.Roles);
        // what is so already ends nothing
        (await SetRolesAsync(admin, anna.Id, Roles.Operator, Roles.User)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(next));
        Assert.Single(await ActsAsync(anna.Id), a => a == Acts.RolesChanged);
        var told = Assert.Single(await _service.PublishedAsync<UserRolesChanged>());
        Assert.Equal((anna.Id, "user, operator"), (told.UserId, told.Roles));
    }

    [Fact]
    public async Task A_suspended_user_is_told_so_only_with_the_right_password_and_comes_back()
    {
        var anna = await _service.AddUserAsync();
        var login = await _service.LoginAsync(anna.Username);
        using var admin = Admin();
        for (var i = 0; i < 2; i++)
        {
            var profile = await (await SuspendAsync(admin, anna.Id)).Content.ReadFromJsonAsync<UserProfile>();
            Assert.Equal("does harm", profile!.SuspendedReason);
        }
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(login));
        await UserService.AssertProblemAsync(
            await TryLoginAsync(anna.Username, "wrong password"), 401, "invalid-credentials");
        await UserService.AssertProblemAsync(
            await TryLoginAsync(anna.Username, UserService.Password), 403, "suspended");
        (await admin.PostAsync($"/api/users/{anna.Id}/reinstate", null)).EnsureSuccessStatusCode();
        await _service.LoginAsync(anna.Username);
        var acts = await ActsAsync(anna.Id);
        Assert.Single(acts, a => a == Acts.Suspended);
        Assert.Single(acts, a => a == Acts.Reinstated);
        var suspended = Assert.Single(await _service.PublishedAsync<UserSuspended>());
        Assert.Equal((anna.Id, anna.Username, "does harm"), (suspended.UserId, suspended.Username, suspended.Reason));
        var reinstated = Assert.Single(await _service.PublishedAsync<UserReinstated>());
        Assert.Equal(anna.Id, reinstated.UserId);
        Assert.True(reinstated.Version > suspended.Version);
    }

    [Fact]
    public async Task The_last_admin_stays_one_even_if_two_depose_each_other_at_once()
    {
        var first = await FirstAdminAsync();
        using var admin = Admin();
        await UserService.AssertProblemAsync(await SetRolesAsync(admin, first, Roles.User), 409, "last-admin");
        await UserService.AssertProblemAsync(await SuspendAsync(admin, first), 409, "last-admin");
        var anna = await _service.AddUserAsync();
        (await SetRolesAsync(admin, anna.Id, All)).EnsureSuccessStatusCode();
        var answers = await Task.WhenAll(
            SetRolesAsync(admin, first, Roles.User), SuspendAsync(admin, anna.Id));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
        Assert.Equal(1, await _service.InDatabaseAsync(db => ((UsersDb)db).Users
            .CountAsync(u => u.Roles.Contains(Roles.Admin) && u.SuspendedAt == null)));
    }

    [Fact]
    public async Task It_is_for_admins_only()
    {
        var anna = await _service.AddUserAsync();
        using var op = _service.As(Guid.CreateVersion7(), Roles.User, Roles.Operator);
        using var user = _service.As(anna.Id);
        using var anonymous = _service.Anonymous();
        foreach (var (client, status) in new[] { (op, 403), (user, 403), (anonymous, 401) })
        {
            Assert.Equal(status, (int)(await SetRolesAsync(client, anna.Id, All)).StatusCode);
            Assert.Equal(status, (int)(await SuspendAsync(client, anna.Id)).StatusCode);
            Assert.Equal(status, (int)(await client.PostAsync($"/api/users/{anna.Id}/reinstate", null)).StatusCode);
        }
        using var admin = Admin();
        Assert.Equal(404, (int)(await SetRolesAsync(admin, Guid.NewGuid(), All)).StatusCode);
        Assert.Equal(404, (int)(await SuspendAsync(admin, Guid.NewGuid())).StatusCode);
        await UserService.AssertProblemAsync(await SetRolesAsync(admin, anna.Id, "root"), 400, "bad-request");
        await UserService.AssertProblemAsync(await SuspendAsync(admin, anna.Id, ""), 400, "bad-request");
        await UserService.AssertProblemAsync(await SuspendAsync(admin, anna.Id, new('x', 201)), 400, "bad-request");
        await _service.LoginAsync(anna.Username);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
