using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.Mail;

/// <summary>
/// Sends what stands in the mail table: at once after a commit, again with growing pauses. Several replicas share the
/// work.
/// </summary>
sealed partial class MailWorker(
    IServiceScopeFactory scopes, AfterCommit committed, TimeProvider clock, ILogger<MailWorker> log) : BackgroundService
{
    const int BatchSize = 20;
    /// <summary>With the pauses below: about ten hours.</summary>
    public const int MaxAttempts = 20;
    static readonly TimeSpan InHand = TimeSpan.FromMinutes(3);
    static readonly TimeSpan Sweep = TimeSpan.FromMinutes(1);
    static readonly TimeSpan MaxPause = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Sweep;
            try
            {
                pause = await SendDueAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Interrupted(log, e.Message);
            }
            await committed.Mail.WaitAsync(pause, stoppingToken);
        }
    }

    /// <returns>How long there is nothing to do.</returns>
    async Task<TimeSpan> SendDueAsync(CancellationToken ct)
    {
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<NotificationsDb>();
            var now = clock.GetUtcNow();
            var next = await db.Mails.AsNoTracking().Where(m => m.State == MailState.Pending)
                .OrderBy(m => m.NextAttemptAt).Take(BatchSize).ToListAsync(ct);
            var due = next.FindAll(m => m.NextAttemptAt <= now);
            foreach (var mail in due)
                if (await ClaimAsync(db, mail, ct))
                    await SendAsync(mail, ct);
            if (due.Count == 0)
                return next is [var later, ..] && later.NextAttemptAt - now < Sweep ? later.NextAttemptAt - now : Sweep;
        }
    }

    /// <summary>One worker's until it is settled, or for a while if that worker dies.</summary>
    async Task<bool> ClaimAsync(NotificationsDb db, OutgoingMail mail, CancellationToken ct)
    {
        var until = clock.GetUtcNow() + InHand;
        return await db.InTransactionAsync(() => db.Mails
            .Where(m => m.Id == mail.Id && m.State == MailState.Pending && m.Attempts == mail.Attempts)
            .ExecuteUpdateAsync(s => s.SetProperty(m => m.NextAttemptAt, until)
                .SetProperty(m => m.Attempts, m => m.Attempts + 1), ct), ct) == 1;
    }

    async Task SendAsync(OutgoingMail mail, CancellationToken ct)
    {
        using var activity = Cause.Resume("send mail", mail.RequestId, mail.TraceParent);
        await using var scope = scopes.CreateAsyncScope();
        var attempt = mail.Attempts + 1;
        var (state, error) = (MailState.Pending, (string?)null);
        try
        {
            state = await scope.ServiceProvider.GetRequiredService<MailDelivery>().DeliverAsync(mail, ct);
            Settled(log, mail.Type, mail.Id, state);
        }
        catch (UndeliverableException e)
        {
            (state, error) = (MailState.Failed, e.Message);
            GivenUp(log, mail.Type, mail.Id, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            (state, error) = (attempt >= MaxAttempts ? MailState.Failed : MailState.Pending, e.Message);
            NotSent(log, mail.Type, mail.Id, attempt, e.Message);
        }
        await SettleAsync(scope.ServiceProvider.GetRequiredService<NotificationsDb>(), mail.Id, attempt, state, error,
            ct);
    }

    Task SettleAsync(NotificationsDb db, Guid id, int attempt, MailState state, string? error, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var pause = TimeSpan.FromSeconds(Math.Min(5 * Math.Pow(2, Math.Min(attempt - 1, 10)), MaxPause.TotalSeconds));
        DateTimeOffset? sentAt = state == MailState.Sent ? now : null;
        var kept = error?[..Math.Min(error.Length, 500)];
        return db.InTransactionAsync(() => db.Mails.Where(m => m.Id == id).ExecuteUpdateAsync(s => s
            .SetProperty(m => m.State, state).SetProperty(m => m.Error, kept)
            .SetProperty(m => m.SentAt, sentAt).SetProperty(m => m.NextAttemptAt, now + pause), ct), ct);
    }

    [LoggerMessage(1, LogLevel.Warning, "Mails wait: {Reason}")]
    static partial void Interrupted(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Information, "Mail {Type} {Id}: {State}")]
    static partial void Settled(ILogger log, string type, Guid id, MailState state);

    [LoggerMessage(3, LogLevel.Warning, "Mail {Type} {Id} was not sent at try {Attempt}: {Reason}")]
    static partial void NotSent(ILogger log, string type, Guid id, int attempt, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Mail {Type} {Id} is given up: {Reason}")]
    static partial void GivenUp(ILogger log, string type, Guid id, string reason);
}
