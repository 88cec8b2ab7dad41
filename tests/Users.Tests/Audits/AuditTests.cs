using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Sessions;
using CloudPhone.Users.Tests.TwoFactor;

namespace CloudPhone.Users.Tests.Audits;

public sealed class AuditTests(UserService service) : IClassFixture<UserService>
{
    static async Task<IReadOnlyList<AuditItem>> ReadAsync(
        HttpClient client, string path = "/api/users/me/audit?limit=100") =>
        (await client.GetFromJsonAsync<Page<AuditItem>>(path))!.Items;

    [Fact]
    public async Task A_user_reads_what_happened_to_the_account_newest_first()
    {
        var anna = await service.RegisterAsync();
        using var anonymous = service.Anonymous();
        anonymous.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        anonymous.DefaultRequestHeaders.Add("X-Request-ID", "audit-1");
        await anonymous.PostAsJsonAsync("/api/auth/login", new LoginRequest(anna.Username, "wrong password"));
        await anonymous.PostAsJsonAsync("/api/auth/login", new LoginRequest(anna.Username, UserService.Password));
        using var client = service.As(anna.Id);
        var items = await ReadAsync(client);
        Assert.Equal([Acts.LoggedIn, Acts.LoginFailed, Acts.Registered], items.Select(i => i.Act));
        Assert.Equal([anna.Id, null, anna.Id], items.Select(i => i.ActorId));
        Assert.All(items, i => Assert.Equal(anna.Id, i.UserId));
        Assert.All(items.Take(2), i => Assert.Equal(("203.0.113.9", "audit-1"), (i.IpAddress, i.RequestId)));
        var first = await client.GetFromJsonAsync<Page<AuditItem>>("/api/users/me/audit?limit=2");
        var rest = await ReadAsync(client, $"/api/users/me/audit?cursor={first!.NextCursor}");
        Assert.Equal(items, first.Items.Concat(rest));
    }

    [Fact]
    public async Task A_wrong_password_that_is_given_again_is_written_down_and_is_no_failed_login()
    {
        var phone = await Phone.OnAsync(service, new(DateTimeOffset.UtcNow));
        using var client = service.As(phone.User.Id);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        const string Wrong = "wrong password";
        (string Path, HttpMethod Method, object Body)[] doors =
        [
            ("/api/users/me/password", HttpMethod.Post,
                new { currentPassword = Wrong, newPassword = "ten blue doors" }),
            ("/api/users/me", HttpMethod.Patch, new { email = "thief@example.com", currentPassword = Wrong }),
            ("/api/users/me/api-keys", HttpMethod.Post,
                new { name = "k", scopes = new[] { "*" }, currentPassword = Wrong }),
            ("/api/users/me/two-factor/setup", HttpMethod.Post, new { currentPassword = Wrong }),
            ("/api/users/me/two-factor/disable", HttpMethod.Post, new { password = Wrong, code = "123456" }),
        ];
        foreach (var (path, method, body) in doors)
        {
            using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
            var problem = await UserService.AssertProblemAsync(
                await client.SendAsync(request), 403, "invalid-credentials");
            var field = path.EndsWith("disable", StringComparison.Ordinal) ? "password" : "currentPassword";
            Assert.Equal($"{field} is wrong.", problem.GetProperty("detail").GetString());
        }
        var items = (await ReadAsync(client)).Where(i => i.Act == Acts.PasswordCheckFailed).ToList();
        Assert.Equal(
            doors.Select((d, i) => $"at {d.Method} {d.Path}, failure {i + 1} in a row").Order(),
            items.Select(i => i.Detail).Order());
        Assert.All(items, i => Assert.Equal((phone.User.Id, "203.0.113.9"), (i.ActorId, i.IpAddress)));
        Assert.DoesNotContain(await service.FailuresAsync(), f => f.UserId == phone.User.Id);
    }

    [Fact]
    public async Task Operators_read_every_accounts_trail_and_are_named_in_it()
    {
        var anna = await service.AddUserAsync();
        var opId = Guid.CreateVersion7();
        using var op = service.As(opId, Roles.Operator);
        (await op.PutAsJsonAsync($"/api/quotas/user/{anna.Id}", new SetQuotaRequest(1, 2, 3)))
            .EnsureSuccessStatusCode();
        var entry = (await ReadAsync(op, $"/api/users/{anna.Id}/audit"))[0];
        Assert.Equal((Acts.QuotaChanged, opId, "1 phones, 2 cores, 3 GB"), (entry.Act, entry.ActorId, entry.Detail));
        await UserService.AssertProblemAsync(
            await op.GetAsync($"/api/users/{Guid.NewGuid()}/audit"), 404, "not-found");
    }

    [Fact]
    public async Task Nobody_else_reads_it()
    {
        var (anna, ben) = (await service.AddUserAsync(), await service.AddUserAsync());
        using var client = service.As(ben.Id);
        await UserService.AssertProblemAsync(await client.GetAsync($"/api/users/{anna.Id}/audit"), 403, "forbidden");
        Assert.DoesNotContain(await ReadAsync(client), i => i.UserId == anna.Id);
        using var anonymous = service.Anonymous();
        using var sibling = service.AsService(AppIds.Devices);
        foreach (var path in new[] { "/api/users/me/audit", $"/api/users/{anna.Id}/audit" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await sibling.GetAsync(path)).StatusCode);
        }
        await UserService.AssertProblemAsync(
            await client.GetAsync("/api/users/me/audit?limit=101"), 400, "bad-request");
    }
}
