using CloudPhone.Devices.Lifecycle;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>
/// What a phone's history says of the image that it waits for: one note for each pull, which is rewritten as that goes
/// on, also by another process that takes the creation up. A note that can't be written breaks nothing.
/// </summary>
sealed partial class PullNotes(IServiceScopeFactory scopes, TimeProvider clock, ILogger<PullNotes> log)
{
    /// <param name="deviceId">Null: no phone waits for it.</param>
    /// <param name="open">How the note of a pull that is under way begins.</param>
    /// <param name="isNew">It is added where there is none.</param>
    public async Task SetAsync(Guid? deviceId, string open, string text, bool isNew, CancellationToken ct)
    {
        if (deviceId is null)
            return;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
            var notes = db.History.Where(h => h.DeviceId == deviceId && h.Act == Acts.ImagePulled
                && h.Reason!.StartsWith(open));
            if (await notes.AnyAsync(ct))
                await db.InTransactionAsync(
                    () => notes.ExecuteUpdateAsync(s => s.SetProperty(h => h.Reason, text), ct), ct);
            else if (isNew && await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == deviceId, ct) is { } d)
            {
                db.Add(DeviceHistoryEntry.OfAct(d, Acts.ImagePulled, text, d.UserId, clock.GetUtcNow()));
                await db.SaveChangesAsync(ct);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            NotNoted(log, deviceId.Value, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The history of device {Device} does not tell of its image: {Reason}")]
    static partial void NotNoted(ILogger log, Guid device, string reason);
}
