using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Ledger;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Tests.Ledger;

/// <summary>One user's money: billing's events about it, and what the user reads.</summary>
sealed class LedgerClient(UserService service, Guid userId)
{
    public static async Task<LedgerClient> NewAsync(UserService service) =>
        new(service, (await service.AddUserAsync()).Id);

    public Guid UserId => userId;

    public BillingPaymentSuccess Payment(decimal amount, int days = 0) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), userId, amount, Account.Cny, "sandbox", days,
        DateTimeOffset.UtcNow);

    public BillingUsageCharged Charge(decimal amount) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), userId, amount, Account.Cny, 60,
        DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);

    public BillingPaymentRefunded Refund(decimal amount, Guid? refundId = null) => new(
        refundId ?? Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), userId, amount, Account.Cny,
        "wish", DateTimeOffset.UtcNow);

    public async Task TellAsync<TEvent>(TEvent e, string? eventId = null) where TEvent : IEvent
    {
        using var answer = await service.DeliverAsync(e, eventId);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public async Task<string> HoldAsync(Guid refundId, decimal amount)
    {
        using var billing = service.AsService(AppIds.Billing);
        using var answer = await billing.PostAsJsonAsync(
            "/internal/ledger/hold", new HoldRequest(userId, refundId, amount, Account.Cny));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<HoldAnswer>())!.Outcome;
    }

    public async Task<string> ReleaseAsync(Guid refundId)
    {
        using var billing = service.AsService(AppIds.Billing);
        using var answer = await billing.PostAsJsonAsync("/internal/ledger/release", new ReleaseRequest(refundId));
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<ReleaseAnswer>())!.Outcome;
    }

    public async Task<HttpResponseMessage> AdjustAsync(object body, string? key = null, string role = Roles.Admin)
    {
        using var admin = service.As(Admin, Roles.User, role);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/users/{userId}/adjustments")
        {
            Content = body is string json ? new StringContent(json, null, "application/json")
                : JsonContent.Create(body),
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await admin.SendAsync(request);
    }

    public static Guid Admin { get; } = Guid.CreateVersion7();

    public async Task<IReadOnlyList<StatementItem>> StatementAsync()
    {
        using var client = service.As(userId);
        return (await client.GetFromJsonAsync<Page<StatementItem>>("/api/users/me/statement?limit=100"))!.Items;
    }

    /// <summary>After a look at all that must hold of it: sums, versions, and one event for each entry.</summary>
    public async Task<decimal> BalanceAsync()
    {
        using var client = service.As(userId);
        var balance = (await client.GetFromJsonAsync<Me>("/api/users/me"))!.Balance;
        var entries = await service.InDatabaseAsync(db => ((UsersDb)db).LedgerEntries.AsNoTracking()
            .Where(e => e.UserId == userId).OrderBy(e => e.Version).ToListAsync());
        var sum = 0m;
        foreach (var (entry, i) in entries.Select((e, i) => (e, i)))
            Assert.Equal((i + 1L, sum += entry.Amount), (entry.Version, entry.BalanceAfter));
        Assert.Equal(sum, balance);
        var told = (await service.PublishedAsync<UserBalanceUpdated>()).Where(e => e.UserId == userId);
        Assert.Equal(
            entries.Select(e => (e.Version, e.Amount, e.BalanceAfter, e.Reason, e.PaymentId)),
            told.OrderBy(e => e.Version).Select(e => (e.Version, e.Delta, e.Balance, e.Reason, e.PaymentId)));
        return balance;
    }
}
