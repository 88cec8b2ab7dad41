using CloudPhone.Billing.Charging;
using CloudPhone.Billing.Plans;
using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PaidMonths = CloudPhone.Billing.Plans.Subscriptions;

namespace CloudPhone.Billing.Tests.Charging;

static class ChargingApi
{
    /// <summary>From now on only the test charges.</summary>
    public static Task HoldWorkerAsync(this TestService<BillingDb> service) =>
        Wait.UntilAsync("the worker to be at rest", () => service.InDatabaseAsync(async db =>
            await db.Set<ChargingTurn>().Where(t => t.LeaseId == null && t.AllDueAt > DateTimeOffset.UnixEpoch)
                .ExecuteUpdateAsync(s => s.SetProperty(t => t.NextAttemptAt, (DateTimeOffset?)null)) == 1), 120);

    /// <summary>One step at that instant.</summary>
    public static async Task<long> ChargeAsync(this TestService<BillingDb> service, DateTimeOffset now)
    {
        await using var scope = service.Services.CreateAsyncScope();
        return await ChargeStep.RunAsync(scope.ServiceProvider.GetRequiredService<BillingDb>(),
            scope.ServiceProvider.GetRequiredService<Outbox>(), all: true, now, default);
    }

    /// <summary>Charges at that second of the lives, also by the service's clock.</summary>
    public static Task<long> ChargeAsync(this TestService<BillingDb> service, FakeTimeProvider clock, int second)
    {
        clock.SetUtcNow(DeviceLife.At(second));
        return service.ChargeAsync(DeviceLife.At(second));
    }

    /// <summary>What was charged for the device, by interval.</summary>
    public static async Task<List<BillingUsageCharged>> ChargesAsync(
        this TestService<BillingDb> service, DeviceLife life) =>
        [.. (await service.PublishedAsync<BillingUsageCharged>()).Where(c => c.DeviceId == life.Id)
            .OrderBy(c => c.From).ThenBy(c => c.To)];

    /// <summary>Gives the user paid months with so many hours each, from the start of the lives on.</summary>
    public static Task IncludeAsync(
        this TestService<BillingDb> service, Guid userId, int hours, int months = 1) =>
        service.InDatabaseAsync(db => db.InTransactionAsync(async () =>
        {
            var plan = new Plan
            {
                Id = Guid.CreateVersion7(), Code = $"{Guid.NewGuid():N}", Name = "p", IncludedHours = hours,
            };
            await PaidMonths.OpenAsync(
                (BillingDb)db, userId, Guid.CreateVersion7(), plan, months, DeviceLife.Start, default);
            return true;
        }, default));
}
