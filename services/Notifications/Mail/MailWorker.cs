using CloudPhone.Shared.Work;

namespace CloudPhone.Notifications.Mail;

/// <summary>Sends what stands in the mail table: at once after a commit, again with growing pauses.</summary>
sealed partial class MailWorker(DueWorkerParts parts, ILogger<MailWorker> log)
    : DueWorker<NotificationsDb, OutgoingMail>(parts, log)
{
    /// <summary>With the pauses below: about ten hours.</summary>
    public const int MaxAttempts = 20;

    protected override string What => "mail";

    /// <summary>Longer than all that a try waits for: the user service, and three times the mail server.</summary>
    protected override TimeSpan Limit => TimeSpan.FromMinutes(3);

    protected override TimeSpan PauseAfter(int attempts) =>
        BackOff.After(attempts, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));

    protected override async Task<DateTimeOffset?> TryAsync(
        OutgoingMail row, IServiceProvider services, CancellationToken ct)
    {
        try
        {
            row.State = await services.GetRequiredService<MailDelivery>().DeliverAsync(row, ct);
            row.SentAt = row.State == MailState.Sent ? Clock.GetUtcNow() : null;
            row.Error = null;
            Settled(log, row.Type, row.Id, row.State);
            return null;
        }
        catch (UndeliverableException e)
        {
            return GiveUp(row, e.Message);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            if (row.Attempts >= MaxAttempts)
                return GiveUp(row, e.Message);
            row.Error = Clip(e.Message);
            NotSent(log, row.Type, row.Id, row.Attempts, e.Message);
            return Clock.GetUtcNow() + PauseAfter(row.Attempts);
        }
    }

    DateTimeOffset? GiveUp(OutgoingMail mail, string reason)
    {
        (mail.State, mail.Error) = (MailState.Failed, Clip(reason));
        GivenUp(log, mail.Type, mail.Id, reason);
        return null;
    }

    static string Clip(string reason) => reason[..Math.Min(reason.Length, 500)];

    [LoggerMessage(2, LogLevel.Information, "Mail {Type} {Id}: {State}")]
    static partial void Settled(ILogger log, string type, Guid id, MailState state);

    [LoggerMessage(3, LogLevel.Warning, "Mail {Type} {Id} was not sent at try {Attempt}: {Reason}")]
    static partial void NotSent(ILogger log, string type, Guid id, int attempt, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Mail {Type} {Id} is given up: {Reason}")]
    static partial void GivenUp(ILogger log, string type, Guid id, string reason);
}
