using CloudPhone.Shared.Work;

namespace CloudPhone.Billing.Refunds;

/// <summary>Brings refunds to their end, however often it is interrupted.</summary>
sealed class RefundWorker(DueWorkerParts parts, ILogger<RefundWorker> log) : DueWorker<BillingDb, Refund>(parts, log)
{
    protected override string What => "refund";

    protected override Task<DateTimeOffset?> TryAsync(Refund row, IServiceProvider services, CancellationToken ct) =>
        services.GetRequiredService<RefundSaga>().GoOnAsync(row, ct);
}
