using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Users;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CloudPhone.Postgres.Tests;

public sealed class LedgerTests(Server server)
{
    static async Task<Guid> RegisterAsync(TestService<UsersDb> service)
    {
        using var client = service.Anonymous();
        var request = new { username = "anna", email = "anna@example.com", password = "seven green lanterns" };
        return (await client.PostAsJsonAsync("/api/auth/register", request).JsonAsync(201)).GetProperty("id").GetGuid();
    }

    static BillingPaymentSuccess Payment(Guid userId, decimal amount) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), userId, amount, "CNY", "sandbox", 0, DateTimeOffset.UtcNow);

    static BillingUsageCharged Charge(Guid userId, decimal amount) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), userId, amount, "CNY", 60,
        DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);

    static async Task<(decimal Balance, JsonElement[] Entries)> ReadAsync(TestService<UsersDb> service, Guid userId)
    {
        using var client = service.As(userId);
        var me = await client.GetAsync("/api/users/me").JsonAsync();
        var statement = await client.GetAsync("/api/users/me/statement?limit=100").JsonAsync();
        return (me.GetProperty("balance").GetDecimal(), [.. statement.GetProperty("items").EnumerateArray()]);
    }

    [Fact]
    public async Task Fifty_credits_and_debits_at_once_over_two_replicas_end_in_their_sum()
    {
        var url = await server.CreateDatabaseAsync();
        await using TestService<UsersDb> one = Server.On<UsersDb>(url), two = Server.On<UsersDb>(url);
        var user = await RegisterAsync(one);
        var answers = await Http.AtOnceAsync(50, i =>
        {
            var service = i % 3 == 0 ? two : one;
            return i % 2 == 0 ? service.DeliverAsync(Payment(user, i + 1))
                : service.DeliverAsync(Charge(user, i / 1000m));
        });
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        var (balance, entries) = await ReadAsync(one, user);
        Assert.Equal(625 - 0.625m, balance);
        Assert.Equal(Enumerable.Range(1, 50).Reverse(), entries.Select(e => e.GetProperty("version").GetInt32()));
        Assert.Equal(balance, entries[0].GetProperty("balanceAfter").GetDecimal());
        Assert.Equal(balance, entries.Sum(e => e.GetProperty("amount").GetDecimal()));
        Assert.Equal(
            Enumerable.Range(1, 50).Select(i => (long)i),
            (await one.PublishedAsync<UserBalanceUpdated>()).Select(e => e.Version).Order());
    }

    [Fact]
    public async Task One_payment_under_many_event_ids_at_once_counts_once()
    {
        await using var service = await server.StartAsync<UsersDb>();
        var payment = Payment(await RegisterAsync(service), 7);
        await Http.AtOnceAsync(20, _ => service.DeliverAsync(payment)); // some come too early, and are delivered again
        using var again = await service.DeliverAsync(payment);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        var (balance, entries) = await ReadAsync(service, payment.UserId);
        Assert.Equal((7, 1), (balance, entries.Length));
    }

    [Fact]
    public async Task Holds_at_once_stop_at_the_balance_and_one_refund_is_held_once()
    {
        await using var service = await server.StartAsync<UsersDb>();
        var userId = await RegisterAsync(service);
        (await service.DeliverAsync(Payment(userId, 20))).EnsureSuccessStatusCode();
        using var billing = service.AsService(AppIds.Billing);
        var same = Guid.CreateVersion7();
        var answers = await Http.AtOnceAsync(50, i => billing.PostAsJsonAsync("/internal/ledger/hold", new
        {
            userId, refundId = i < 25 ? same : Guid.CreateVersion7(), amount = 3, currency = "CNY",
        }).JsonAsync());
        var (balance, entries) = await ReadAsync(service, userId);
        Assert.Equal((2, 7), (balance, entries.Length));
        Assert.Equal(6, answers.Skip(25).Count(a => a.Text("outcome") == "held")
            + answers.Take(25).Select(a => a.Text("outcome")).Distinct().Count(o => o == "held"));
    }

    [Fact]
    public async Task The_same_adjustment_at_once_is_one_entry()
    {
        await using var service = await server.StartAsync<UsersDb>();
        var userId = await RegisterAsync(service);
        using var admin = service.As(Guid.CreateVersion7(), "admin");
        admin.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        await Http.AtOnceAsync(50, _ => admin.PostAsJsonAsync(
            $"/api/users/{userId}/adjustments", new { amount = 3.5m, note = "once" }));
        var (balance, entries) = await ReadAsync(service, userId);
        Assert.Equal((3.5m, 1), (balance, entries.Length));
    }

    [Theory]
    [InlineData("UPDATE ledger_entries SET amount = 1000")]
    [InlineData("DELETE FROM ledger_entries")]
    [InlineData("TRUNCATE ledger_entries")]
    [InlineData("DELETE FROM users")]
    public async Task The_database_itself_refuses_to_change_or_remove_entries(string sql)
    {
        await using var service = await server.StartAsync<UsersDb>();
        var userId = await RegisterAsync(service);
        (await service.DeliverAsync(Payment(userId, 20))).EnsureSuccessStatusCode();
        await Assert.ThrowsAsync<PostgresException>(() =>
            service.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(sql)));
        var (balance, entries) = await ReadAsync(service, userId);
        Assert.Equal((20, 1), (balance, entries.Length));
    }
}
