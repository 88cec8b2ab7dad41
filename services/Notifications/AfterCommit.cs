using System.Data.Common;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CloudPhone.Notifications;

/// <summary>Wakes the workers once new notifications are committed; not before, as they would not see them.</summary>
public sealed class AfterCommit(TimeProvider clock) : DbTransactionInterceptor
{
    public WorkSignal Push { get; } = new(clock);
    public WorkSignal Mail { get; } = new(clock);

    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is NotificationsDb { HasWork: true } db)
        {
            db.HasWork = false;
            Push.Wake();
            Mail.Wake();
        }
        return Task.CompletedTask;
    }
}

public sealed class WorkSignal(TimeProvider clock)
{
    readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Wake() => _channel.Writer.TryWrite(true);

    /// <summary>Returns at the next wake, or after <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(atMost, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            await _channel.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
        }
    }
}
