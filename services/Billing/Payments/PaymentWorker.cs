using CloudPhone.Billing.Orders;
using CloudPhone.Shared.Work;

namespace CloudPhone.Billing.Payments;

/// <summary>
/// Ends payments whose time is over, and learns from the provider what a lost callback would have told.
/// </summary>
sealed class PaymentWorker(DueWorkerParts parts, ILogger<PaymentWorker> log)
    : DueWorker<BillingDb, Payment>(parts, log)
{
    /// <summary>Money on its way, as by bank transfer, takes days.</summary>
    static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(30);
    static readonly TimeSpan LookFor = TimeSpan.FromDays(14);

    protected override string What => "payment";

    protected override TimeSpan PauseAfter(int attempts) =>
        BackOff.After(attempts, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10));

    protected override async Task<DateTimeOffset?> TryAsync(
        Payment row, IServiceProvider services, CancellationToken ct)
    {
        await ExpireAsync(services.GetRequiredService<BillingDb>(), row, ct);
        var provider = services.GetRequiredService<PaymentProviders>().Find(row.Provider);
        if (provider is null || row.Status is PaymentStatus.Succeeded or PaymentStatus.Failed)
            return null;
        var closed = await provider.CloseAsync(row, ct);
        if (closed.Paid is { } paid)
            await services.GetRequiredService<Settlement>().ApplyAsync(provider.Name, paid, ct);
        var now = Clock.GetUtcNow();
        return closed.IsFinal || now > row.CreatedAt + LookFor ? null : now + LookAgain;
    }

    Task ExpireAsync(BillingDb db, Payment row, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        await db.TakeTurnAsync(row.OrderId, ct);
        await db.Entry(row).ReloadAsync(ct);
        if (row.ExpiresAt <= Clock.GetUtcNow() && row.Fire(PaymentTrigger.Expire))
            await db.SaveChangesAsync(ct);
    }, ct);
}
