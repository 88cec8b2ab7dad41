using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;

namespace CloudPhone.Users.Tests.Accounts;

public sealed class ProfileTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task A_user_sees_itself_and_nobody_else()
    {
        var (anna, ben) = (await service.AddUserAsync(), await service.AddUserAsync());
        using var client = service.As(anna.Id);
        var seen = await client.GetFromJsonAsync<UserProfile>($"/api/users/{anna.Id}");
        Assert.Equal(anna.Username, seen!.Username);
        await UserService.AssertProblemAsync(await client.GetAsync($"/api/users/{ben.Id}"), 404, "not-found");
        await UserService.AssertProblemAsync(await client.GetAsync($"/api/users/{Guid.NewGuid()}"), 404, "not-found");
        await UserService.AssertProblemAsync(await client.GetAsync("/api/users"), 403, "forbidden");
    }

    [Fact]
    public async Task Operators_and_services_see_everybody()
    {
        var anna = await service.AddUserAsync();
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        using var sibling = service.AsService(AppIds.Billing);
        Assert.Equal(anna.Email, (await op.GetFromJsonAsync<UserProfile>($"/api/users/{anna.Id}"))!.Email);
        Assert.Equal(anna.Email, (await sibling.GetFromJsonAsync<UserProfile>($"/api/users/{anna.Id}"))!.Email);
        var list = await op.GetFromJsonAsync<Page<UserProfile>>("/api/users?limit=1");
        Assert.Single(list!.Items);
    }

    [Fact]
    public async Task Services_get_the_contact_of_a_user()
    {
        var anna = await service.AddUserAsync();
        using var sibling = service.AsService(AppIds.Notifications);
        var contact = await sibling.GetFromJsonAsync<UserContact>($"/internal/users/contact?userId={anna.Id}");
        Assert.Equal(new UserContact(anna.Id, anna.Username, anna.Email, "en", 1), contact);
        var unknown = await sibling.GetAsync($"/internal/users/contact?userId={Guid.NewGuid()}");
        await UserService.AssertProblemAsync(unknown, 404, "not-found");
        await UserService.AssertProblemAsync(await sibling.GetAsync("/internal/users/contact?userId=x"), 400,
            "bad-request");
    }

    [Theory]
    [InlineData("GET", "/api/users/me")]
    [InlineData("GET", "/api/users/0193a000-0000-7000-8000-000000000001")]
    [InlineData("GET", "/api/users")]
    [InlineData("GET", "/api/quotas/user/0193a000-0000-7000-8000-000000000001")]
    [InlineData("PUT", "/api/quotas/user/0193a000-0000-7000-8000-000000000001")]
    [InlineData("POST", "/api/quotas/user/0193a000-0000-7000-8000-000000000001/usage")]
    [InlineData("POST", "/api/quotas/batch-usage")]
    [InlineData("POST", "/internal/quotas/reserve")]
    [InlineData("GET", "/internal/users/contact")]
    public async Task Without_a_good_token_there_is_nothing(string method, string path)
    {
        var id = Guid.CreateVersion7();
        var tokens = service.Tokens;
        foreach (var token in new[]
        {
            "", "nonsense", tokens.User(id, ["admin"], lifetime: TimeSpan.FromMinutes(-5)),
            tokens.User(id, ["admin"], audience: "elsewhere"), tokens.User(id, ["admin"], type: "JWT"),
                tokens.Service(AppIds.Devices),
            new Testing.TestTokens(new string('x', 48)).User(id, ["admin"]),
        })
        {
            using var client = token.Length == 0 ? service.Anonymous() : service.WithBearer(token);
            using var request = new HttpRequestMessage(new(method), path) { Content = JsonContent.Create(new { }) };
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request)).StatusCode);
        }
    }

    [Theory]
    [InlineData("POST", "/api/quotas/user/0193a000-0000-7000-8000-000000000001/usage")]
    [InlineData("POST", "/api/quotas/batch-usage")]
    [InlineData("POST", "/internal/quotas/reserve")]
    [InlineData("GET", "/internal/users/contact?userId=0193a000-0000-7000-8000-000000000001")]
    public async Task What_is_for_services_is_for_no_user_not_even_an_admin(string method, string path)
    {
        using var client = service.As(Guid.CreateVersion7(), Roles.Admin);
        using var request = new HttpRequestMessage(new(method), path) { Content = JsonContent.Create(new { }) };
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request)).StatusCode);
    }
}
