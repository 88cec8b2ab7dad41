using System.Diagnostics;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;

namespace CloudPhone.Billing.Charging;

/// <summary>Charges each minute, and every few seconds what remains of phones that have stopped.</summary>
sealed partial class ChargingWorker(
    DueWorkerParts parts, ChargingOptions options, WorkSignals signals, ILogger<ChargingWorker> log)
    : DueWorker<BillingDb, ChargingTurn>(parts, log)
{
    static readonly TimeSpan Remainders = TimeSpan.FromSeconds(5);

    protected override string What => "charging";

    protected override TimeSpan PauseAfter(int attempts) => Remainders;

    protected override async Task<DateTimeOffset?> TryAsync(
        ChargingTurn row, IServiceProvider services, CancellationToken ct)
    {
        var now = Clock.GetUtcNow();
        var all = row.AllDueAt <= now;
        var watch = Stopwatch.StartNew();
        // of its own: it commits before the row in hand is put down
        await using var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        var charged = await ChargeStep.RunAsync(scope.ServiceProvider.GetRequiredService<BillingDb>(),
            scope.ServiceProvider.GetRequiredService<Outbox>(), all, now, ct);
        if (charged > 0)
        {
            signals.Of<OutboxMessage>().Wake();
            Charged(log, charged, watch.ElapsedMilliseconds);
        }
        row.Attempts = 0; // it is never done, so they say nothing
        if (all)
            row.AllDueAt = now + options.Interval;
        return row.AllDueAt < now + Remainders ? row.AllDueAt : now + Remainders;
    }

    [LoggerMessage(1, LogLevel.Information, "{Count} charges in {Milliseconds} ms")]
    static partial void Charged(ILogger log, long count, long milliseconds);
}
