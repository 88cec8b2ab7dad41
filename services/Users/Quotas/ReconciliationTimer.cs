using CloudPhone.Shared.Http;

namespace CloudPhone.Users.Quotas;

/// <summary>
/// Runs <see cref="Reconciliation"/> soon after the start and then each hour. Replicas may do it at the same time: what
/// one has mended is right for the other.
/// </summary>
sealed partial class ReconciliationTimer(
    IServiceScopeFactory scopes, TimeProvider clock, ILogger<ReconciliationTimer> log) : BackgroundService
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(2);
    static readonly TimeSpan Pause = TimeSpan.FromHours(1);
    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        while (true)
        {
            await Task.Delay(pause, clock, stoppingToken);
            pause = Pause;
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<Reconciliation>().RunAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                pause = PauseAfterFailure;
                if (e is SiblingUnavailableException)
                    Away(log, pause);
                else
                    Failed(log, pause, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The device service is away: quotas are compared with it in {Pause}")]
    static partial void Away(ILogger log, TimeSpan pause);

    [LoggerMessage(2, LogLevel.Warning, "Quotas could not be compared with the phones, again in {Pause}: {Reason}")]
    static partial void Failed(ILogger log, TimeSpan pause, string reason);
}
