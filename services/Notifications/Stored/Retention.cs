using CloudPhone.Notifications.Mail;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.Stored;

/// <summary>
/// Removes, each hour, what is older than NOTIFICATION_DAYS, and after a week what nobody had to read.
/// </summary>
sealed partial class Retention(
    IServiceScopeFactory scopes, NotificationOptions options, TimeProvider clock, ILogger<Retention> log)
    : BackgroundService
{
    static readonly TimeSpan Week = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await RemoveAsync(scope.ServiceProvider.GetRequiredService<NotificationsDb>(), stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
        }
    }

    Task RemoveAsync(NotificationsDb db, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var (old, weekOld) = (now - TimeSpan.FromDays(options.KeepDays), now - Week);
        // a quiet kind counts as read from the moment it came
        await db.Notifications.Where(n => n.CreatedAt < old || (n.CreatedAt < weekOld && n.ReadAt == n.CreatedAt))
            .ExecuteDeleteAsync(ct);
        await db.Mails.Where(m => m.State != MailState.Pending && m.CreatedAt < old).ExecuteDeleteAsync(ct);
    }, ct);

    [LoggerMessage(1, LogLevel.Warning, "Old notifications could not be removed: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
