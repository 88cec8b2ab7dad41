using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Postgres.Tests;

/// <summary>Rows as they were before a migration, and what the service says of them after it.</summary>
public sealed class UsersMigrationTests(Server server)
{
    static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    [Fact]
    public async Task Suspensions_and_plans_of_before_are_told_and_end()
    {
        var url = await server.CreateDatabaseAsync();
        var users = await BeforeAsync(url);
        var (suspended, told, pro, twice, over, given) =
            (users[0], users[1], users[2], users[3], users[4], users[5]);
        var clock = new FakeTimeProvider(Now.AddMinutes(5)); // the server's clock has gone on as well
        await using var service = Server.On<UsersDb>(url).With(clock);

        var events = await service.PublishedAsync<UserSuspended>();
        Assert.Equal([told, suspended], events.OrderBy(e => e.Version).Select(e => e.UserId));
        var late = events.Single(e => e.UserId == suspended);
        Assert.Equal(("anna", "anna@example.com", "\"spam\"", Now.AddDays(-1), 7L),
            (late.Username, late.Email, late.Reason, late.SuspendedAt, late.Version));

        async Task<(int, DateTimeOffset?)> QuotaAsync(Guid user)
        {
            using var devices = service.AsService(AppIds.Devices);
            var quota = await devices.GetAsync($"/api/quotas/user/{user}").JsonAsync();
            return (quota.GetProperty("limits").GetProperty("maxDevices").GetInt32(),
                quota.GetProperty("validUntil") is { ValueKind: JsonValueKind.String } end
                    ? end.GetDateTimeOffset() : null);
        }
        // the default of this installation is 10 phones, without an end
        Assert.Equal((20, null), await QuotaAsync(pro));
        Assert.Equal((10, null), await QuotaAsync(over));
        Assert.Equal((20, null), await QuotaAsync(twice));
        Assert.Equal((50, Now.AddDays(20)), await QuotaAsync(given));
        clock.SetUtcNow(Now.AddDays(20).AddMinutes(-1));
        Assert.Equal((20, null), await QuotaAsync(pro));
        clock.SetUtcNow(Now.AddDays(20).AddMinutes(1));
        Assert.Equal((10, null), await QuotaAsync(pro));
        Assert.Equal((20, null), await QuotaAsync(twice));
        Assert.Equal((50, Now.AddDays(20)), await QuotaAsync(given));
        clock.SetUtcNow(Now.AddDays(50).AddMinutes(1));
        Assert.Equal((10, null), await QuotaAsync(twice));
        Assert.Contains(await service.PublishedAsync<UserQuotaUpdated>(), e => e.UserId == pro && e.MaxDevices == 10);
    }

    /// <summary>How much they took nobody had written down.</summary>
    [Fact]
    public async Task A_top_up_whose_refund_of_before_fails_gets_all_its_days_again()
    {
        var url = await server.CreateDatabaseAsync();
        var (user, payment, refund) = (Guid.Empty, Guid.CreateVersion7(), Guid.CreateVersion7());
        await using (var before = Server.On<UsersDb>(url))
        {
            using var client = before.Anonymous();
            user = (await client.PostAsJsonAsync("/api/auth/register", new
            {
                username = "anna", email = "anna@example.com", password = "seven green lanterns",
            }).JsonAsync(201)).GetProperty("id").GetGuid();
            await before.InDatabaseAsync(async db =>
            {
                await db.Database.MigrateAsync("20261129100810_TopUpTerms");
                return await db.Database.ExecuteSqlAsync($"""
                    INSERT INTO top_up_terms (payment_id, user_id, days, refund_id)
                    VALUES ({payment}, {user}, 30, {refund});
                    INSERT INTO ledger_entries (id, user_id, version, amount, balance_after, reason, cause_id,
                        payment_id, created_at)
                    VALUES ({Guid.CreateVersion7()}, {user}, 1, -50, -50, 'refund', {refund}, {refund},
                        {Now.AddDays(-1)});
                    UPDATE accounts SET balance = -50, version = 1 WHERE user_id = {user};
                    UPDATE quotas SET valid_until = {Now.AddDays(10)}, own_valid_until = {Now.AddDays(10)}
                    WHERE user_id = {user};
                    """);
            });
        }
        await using var service = Server.On<UsersDb>(url);
        using var told = await service.DeliverAsync(
            new BillingRefundFailed(refund, payment, Guid.CreateVersion7(), user, 50, "CNY", "r", Now));
        told.EnsureSuccessStatusCode();
        using var devices = service.AsService(AppIds.Devices);
        Assert.Equal(Now.AddDays(40), (await devices.GetAsync($"/api/quotas/user/{user}").JsonAsync())
            .GetProperty("validUntil").GetDateTimeOffset());
    }

    static async Task<List<Guid>> BeforeAsync(string url)
    {
        await using var service = Server.On<UsersDb>(url);
        var users = new List<Guid>();
        using var client = service.Anonymous();
        foreach (var name in new[] { "anna", "ben", "cleo", "dan", "eva", "finn", "gina" })
            users.Add((await client.PostAsJsonAsync("/api/auth/register", new
            {
                username = name, email = $"{name}@example.com", password = "seven green lanterns",
            }).JsonAsync(201)).GetProperty("id").GetGuid());
        await service.InDatabaseAsync(async db =>
        {
            await db.Database.MigrateAsync("20261129010653_PlanTerms");
            await db.Database.ExecuteSqlAsync($"""
                UPDATE users SET suspended_at = {Now.AddDays(-1)}, suspended_reason = '"spam"', version = 7
                WHERE id = {users[0]}
                """);
            await db.Database.ExecuteSqlAsync($"""
                UPDATE users SET suspended_at = {Now.AddDays(-1)}, suspended_reason = 'r' WHERE id = {users[1]}
                """);
            var payload = JsonSerializer.Serialize(
                new UserSuspended(users[1], "ben", "ben@example.com", "r", Now, 2), EventJson.Options);
            await db.Database.ExecuteSqlAsync($"""
                INSERT INTO outbox (id, type, payload, created_at, next_attempt_at, attempts)
                VALUES ({Guid.CreateVersion7()}, 'user.suspended', {payload}, {Now}, {Now}, 0)
                """);
            await BoughtAsync(db, users[2], Now.AddDays(20), -10);
            await BoughtAsync(db, users[3], Now.AddDays(50), -10, -5);
            await BoughtAsync(db, users[4], Now.AddDays(-10), -40);
            await BoughtAsync(db, users[5], Now.AddDays(20), -10);
            await db.Database.ExecuteSqlAsync($"""
                INSERT INTO audit_entries (id, user_id, act, at)
                VALUES ({Guid.CreateVersion7()}, {users[5]}, 'quota-changed', {Now.AddDays(-1)})
                """);
            await db.Database.ExecuteSqlAsync(
                $"UPDATE quotas SET own_max_devices = 50, max_devices = 50 WHERE user_id = {users[5]}");
            return true;
        });
        return users;
    }

    /// <summary>Months of the plan pro, as its payment and the migration after it have left them.</summary>
    static async Task BoughtAsync(DbContext db, Guid user, DateTimeOffset end, params int[] paidOnDays)
    {
        foreach (var (day, i) in paidOnDays.Select((d, i) => (d, i)))
            await db.Database.ExecuteSqlAsync($"""
                INSERT INTO ledger_entries (id, user_id, version, amount, balance_after, reason, cause_id, payment_id,
                    note, created_at)
                VALUES ({Guid.CreateVersion7()}, {user}, {i + 1}, -299, 0, 'plan', {Guid.CreateVersion7()},
                    {Guid.CreateVersion7()}, 'pro', {Now.AddDays(day).AddSeconds(-1)})
                """);
        await db.Database.ExecuteSqlAsync($"""
            UPDATE quotas SET max_devices = 20, total_cpu_cores = 64, total_memory_gb = 128, own_max_devices = 20,
                own_total_cpu_cores = 64, own_total_memory_gb = 128, valid_until = {end}, own_valid_until = {end}
            WHERE user_id = {user}
            """);
    }
}
