using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <summary>Removes the notes of deleted phones, once no event about them can come any more.</summary>
sealed partial class DeletedDeviceSweep(
    IServiceScopeFactory scopes, TimeProvider clock, ILogger<DeletedDeviceSweep> log) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromHours(1);
    static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            try
            {
                var before = clock.GetUtcNow() - Kept;
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<AppDb>().DeletedDevices
                    .Where(d => d.DeletedAt < before).ExecuteDeleteAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(1, LogLevel.Warning, "The notes of deleted phones could not be swept: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
