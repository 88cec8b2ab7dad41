using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Ledger;

namespace CloudPhone.Users.Tests.Ledger;

public sealed class StatementTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task It_has_pages_that_miss_and_double_nothing()
    {
        var user = await LedgerClient.NewAsync(service);
        for (var i = 1; i <= 7; i++)
            await user.TellAsync(user.Payment(i));
        using var client = service.As(user.UserId);
        var seen = new List<long>();
        var cursor = "";
        for (string? next = ""; next is not null; cursor = $"&cursor={next}")
        {
            var page = (await client.GetFromJsonAsync<Page<StatementItem>>(
                $"/api/users/{user.UserId}/statement?limit=3{cursor}"))!;
            seen.AddRange(page.Items.Select(i => i.Version));
            next = page.NextCursor;
        }
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], seen);
        await UserService.AssertProblemAsync(
            await client.GetAsync("/api/users/me/statement?limit=0"), 400, "bad-request");
        await UserService.AssertProblemAsync(
            await client.GetAsync("/api/users/me/statement?cursor=x"), 400, "bad-request");
    }

    [Fact]
    public async Task It_is_read_by_its_owner_and_operators_only()
    {
        var (user, other) = (await LedgerClient.NewAsync(service), await LedgerClient.NewAsync(service));
        await user.TellAsync(user.Payment(9));
        var path = $"/api/users/{user.UserId}/statement";
        using var stranger = service.As(other.UserId);
        await UserService.AssertProblemAsync(await stranger.GetAsync(path), 404, "not-found");
        Assert.Empty((await stranger.GetFromJsonAsync<Page<StatementItem>>("/api/users/me/statement"))!.Items);
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        Assert.Single((await op.GetFromJsonAsync<Page<StatementItem>>(path))!.Items);
        await UserService.AssertProblemAsync(
            await op.GetAsync($"/api/users/{Guid.NewGuid()}/statement"), 404, "not-found");
        using var anonymous = service.Anonymous();
        using var sibling = service.AsService(AppIds.Billing);
        foreach (var caller in new[] { anonymous, sibling })
            Assert.Equal(HttpStatusCode.Unauthorized, (await caller.GetAsync(path)).StatusCode);
    }
}
