using CloudPhone.Shared.Work;

namespace CloudPhone.Billing.Orders;

/// <summary>
/// Ends orders that nobody paid in time. Their payments end by themselves, at the latest at the same time.
/// </summary>
sealed class OrderWorker(DueWorkerParts parts, ILogger<OrderWorker> log) : DueWorker<BillingDb, Order>(parts, log)
{
    protected override string What => "order's end";

    protected override async Task<DateTimeOffset?> TryAsync(Order row, IServiceProvider services, CancellationToken ct)
    {
        var db = services.GetRequiredService<BillingDb>();
        await db.InTransactionAsync(async () =>
        {
            await db.TakeTurnAsync(row.Id, ct);
            if (row.Fire(OrderTrigger.Expire))
                await db.SaveChangesAsync(ct);
        }, ct);
        return null;
    }
}
