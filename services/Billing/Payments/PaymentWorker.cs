using CloudPhone.Billing.Orders;
using CloudPhone.Shared.Work;

namespace CloudPhone.Billing.Payments;

/// <summary>
/// Ends payments whose time is over, and learns from the provider what a lost callback would have told.
/// </summary>
sealed partial class PaymentWorker(DueWorkerParts parts, ILogger<PaymentWorker> log)
    : DueWorker<BillingDb, Payment>(parts, log)
{
    /// <summary>Money on its way, as by bank transfer, takes days.</summary>
    static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(30);
    static readonly TimeSpan LookFor = TimeSpan.FromDays(14);
    /// <summary>Of a provider that is not set up: its settings may come back.</summary>
    static readonly TimeSpan AskUnknown = TimeSpan.FromDays(1);

    protected override string What => "payment";

    protected override TimeSpan PauseAfter(int attempts) =>
        BackOff.After(attempts, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10));

    protected override async Task<DateTimeOffset?> TryAsync(
        Payment row, IServiceProvider services, CancellationToken ct)
    {
        await ExpireAsync(services.GetRequiredService<BillingDb>(), row, ct);
        var provider = services.GetRequiredService<PaymentProviders>().Find(row.Provider);
        if (row.Status is PaymentStatus.Succeeded or PaymentStatus.Failed)
            return null;
        var now = Clock.GetUtcNow();
        if (provider is null)
        {
            NotSetUp(log, row.Provider, row.Id);
            row.Trouble = $"The provider {row.Provider} is not set up any more: whether it was paid can't be asked.";
            return now + AskUnknown;
        }
        row.Trouble = null;
        var closed = await provider.CloseAsync(row, ct);
        if (closed.Paid is { } paid)
            await services.GetRequiredService<Settlement>().ApplyAsync(provider.Name, paid, ct);
        return closed.IsFinal || now > row.CreatedAt + LookFor ? null : now + LookAgain;
    }

    Task ExpireAsync(BillingDb db, Payment row, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        await db.TakeTurnAsync(row.OrderId, ct);
        await db.Entry(row).ReloadAsync(ct);
        if (row.ExpiresAt <= Clock.GetUtcNow() && row.Fire(PaymentTrigger.Expire))
            await db.SaveChangesAsync(ct);
    }, ct);

    [LoggerMessage(1, LogLevel.Warning,
        "The provider {Provider} is not set up any more: what became of payment {Payment} is asked again tomorrow")]
    static partial void NotSetUp(ILogger log, string provider, Guid payment);
}
