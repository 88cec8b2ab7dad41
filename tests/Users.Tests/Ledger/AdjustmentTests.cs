using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Ledger;

namespace CloudPhone.Users.Tests.Ledger;

public sealed class AdjustmentTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task An_admin_puts_a_balance_right_in_both_directions_and_is_named_in_the_audit_trail()
    {
        var user = await LedgerClient.NewAsync(service);
        using var up = await user.AdjustAsync(new { amount = 12.5m, note = "  an outage of ours  " });
        Assert.Equal(HttpStatusCode.Created, up.StatusCode);
        var item = await up.Content.ReadFromJsonAsync<StatementItem>();
        Assert.Equal((1, 12.5m, 12.5m, "adjustment", "an outage of ours"),
            (item!.Version, item.Amount, item.BalanceAfter, item.Reason, item.Note));
        using var down = await user.AdjustAsync(new { amount = -20, note = "paid in cash" });
        Assert.Equal(HttpStatusCode.Created, down.StatusCode);
        Assert.Equal(-7.5m, await user.BalanceAsync());
        using var client = service.As(user.UserId);
        var trail = await client.GetFromJsonAsync<Page<AuditItem>>("/api/users/me/audit?limit=2");
        Assert.Equal(
            [
                (Acts.BalanceAdjusted, "-20.00 CNY: paid in cash"),
                (Acts.BalanceAdjusted, "12.50 CNY: an outage of ours"),
            ],
            trail!.Items.Select(i => (i.Act, i.Detail)).ToArray());
        Assert.All(trail.Items, i => Assert.Equal(LedgerClient.Admin, i.ActorId));
    }

    [Fact]
    public async Task The_same_key_is_one_entry_also_fifty_times_at_once()
    {
        var user = await LedgerClient.NewAsync(service);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            user.AdjustAsync(new { amount = 3, note = "once" }, "key-1")));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict));
        using var again = await user.AdjustAsync(new { amount = 3, note = "once" }, "key-1");
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(3, await user.BalanceAsync());
        await UserService.AssertProblemAsync(
            await user.AdjustAsync(new { amount = 4, note = "once" }, "key-1"), 422, "idempotency-key-reused");
        await user.AdjustAsync(new { amount = 3, note = "once" }, "key-2");
        await user.AdjustAsync(new { amount = 3, note = "once" });
        await user.AdjustAsync(new { amount = 3, note = "once" });
        Assert.Equal(12, await user.BalanceAsync());
    }

    [Theory]
    [InlineData("""{"amount":0,"note":"x"}""")]
    [InlineData("""{"amount":1000000.01,"note":"x"}""")]
    [InlineData("""{"amount":-1000001,"note":"x"}""")]
    [InlineData("""{"amount":0.0000001,"note":"x"}""")]
    [InlineData("""{"amount":1e30,"note":"x"}""")]
    [InlineData("""{"amount":1e400,"note":"x"}""")]
    [InlineData("""{"amount":NaN,"note":"x"}""")]
    [InlineData("""{"amount":"NaN","note":"x"}""")]
    [InlineData("""{"amount":"1","note":"x"}""")]
    [InlineData("""{"amount":1,"note":"  "}""")]
    [InlineData("""{"amount":1,"note":"two\nlines"}""")]
    [InlineData("""{"amount":1,"note":"nul\u0000"}""")]
    [InlineData("""{"amount":1,"note":null}""")]
    [InlineData("""{"amount":1}""")]
    [InlineData("""{"note":"x"}""")]
    [InlineData("")]
    public async Task A_wrong_adjustment_changes_nothing(string body)
    {
        var user = await LedgerClient.NewAsync(service);
        await UserService.AssertProblemAsync(await user.AdjustAsync(body), 400, "bad-request");
        Assert.Equal(0, await user.BalanceAsync());
        Assert.Empty(await user.StatementAsync());
    }

    [Fact]
    public async Task A_longer_note_than_the_column_is_refused_and_an_unknown_user_is_404()
    {
        var user = await LedgerClient.NewAsync(service);
        await UserService.AssertProblemAsync(
            await user.AdjustAsync(new { amount = 1, note = new string('x', 201) }), 400, "bad-request");
        using var longest = await user.AdjustAsync(new { amount = 1, note = new string('x', 200) });
        Assert.Equal(HttpStatusCode.Created, longest.StatusCode);
        var nobody = new LedgerClient(service, Guid.CreateVersion7());
        await UserService.AssertProblemAsync(
            await nobody.AdjustAsync(new { amount = 1, note = "x" }), 404, "not-found");
    }

    [Fact]
    public async Task Nobody_but_admins_adjusts()
    {
        var user = await LedgerClient.NewAsync(service);
        foreach (var role in new[] { Roles.User, Roles.Operator })
            await UserService.AssertProblemAsync(
                await user.AdjustAsync(new { amount = 1, note = "x" }, role: role), 403, "forbidden");
        using var anonymous = service.Anonymous();
        using var sibling = service.AsService(AppIds.Billing);
        foreach (var caller in new[] { anonymous, sibling })
        {
            using var answer = await caller.PostAsJsonAsync(
                $"/api/users/{user.UserId}/adjustments", new { amount = 1, note = "x" });
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
        Assert.Equal(0, await user.BalanceAsync());
    }
}
