using CloudPhone.Devices.Actors;

namespace CloudPhone.Devices.Supervision;

/// <summary>Lets the actors of queued phones go on, several at a time.</summary>
sealed partial class ResumeWorker(ResumeQueue queue, DeviceActors actors, ILogger<ResumeWorker> log) : BackgroundService
{
    const int Together = 16;
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Parallel.ForEachAsync(queue.ReadAllAsync(stoppingToken),
            new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = stoppingToken }, ResumeAsync);

    async ValueTask ResumeAsync(Guid id, CancellationToken ct)
    {
        try
        {
            await actors.ResumeAsync(id, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            Failed(log, id, e.InnerException?.Message ?? e.Message);
            queue.AddLater(id, RetryAfter);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Device {Device} could not go on, it is tried again: {Reason}")]
    static partial void Failed(ILogger log, Guid device, string reason);
}
