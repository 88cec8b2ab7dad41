namespace CloudPhone.Users.Quotas;

/// <summary>
/// Runs <see cref="Expiry"/> and <see cref="QuotaTerms"/> each minute. Replicas may do it at the same time: each
/// holding expires once, and each plan begins and ends once.
/// </summary>
sealed partial class ExpirySweep(
    IServiceScopeFactory scopes, QuotaCache cache, TimeProvider clock, ILogger<ExpirySweep> log) : BackgroundService
{
    static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Pause, clock, stoppingToken);
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var expiry = scope.ServiceProvider.GetRequiredService<Expiry>();
                foreach (var userId in await expiry.RunAsync(null, stoppingToken))
                    await cache.DropAsync(userId);
                await expiry.ForgetAsync(stoppingToken);
                var terms = scope.ServiceProvider.GetRequiredService<QuotaTerms>();
                foreach (var userId in await terms.RunAsync(null, stoppingToken))
                    await cache.DropAsync(userId);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Reservations could not be checked for their end: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
