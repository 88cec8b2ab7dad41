using CloudPhone.Sidecar.Actors.Schedules;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;
using CloudPhone.Sidecar.State;
using Grpc.Core;

namespace CloudPhone.Sidecar.Actors.Reminders;

/// <summary>Reminders, the same for HTTP and gRPC. Only for types that this sidecar's app hosts: else 403.</summary>
sealed class RemindersApi(ActorReminders reminders, ActorTable table)
{
    public async Task PutAsync(ActorKey actor, string name, ReminderRequest request, CancellationToken ct)
    {
        var key = Key(actor, name);
        try
        {
            await reminders.PutAsync(key, request, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw Failed("ERR_ACTOR_REMINDER_CREATE", $"error creating actor reminder: {e.Message}");
        }
    }

    /// <returns>The reminder as JSON.</returns>
    public async Task<byte[]> GetAsync(ActorKey actor, string name, CancellationToken ct)
    {
        var key = Key(actor, name);
        ReminderRecord? record;
        try
        {
            record = await reminders.FindAsync(key, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw Failed("ERR_ACTOR_REMINDER_GET", $"error getting actor reminder: {e.Message}");
        }
        return record is not null
            ? ToJson(record)
            : throw new ApiException(404, StatusCode.NotFound, "ERR_ACTOR_REMINDER_NOT_FOUND",
                $"actor reminder not found: {name}");
    }

    public async Task DeleteAsync(ActorKey actor, string name, CancellationToken ct)
    {
        var key = Key(actor, name);
        try
        {
            await reminders.DeleteAsync(key, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw Failed("ERR_ACTOR_REMINDER_DELETE", $"error deleting actor reminder: {e.Message}");
        }
    }

    ReminderKey Key(ActorKey actor, string name) => table.Hosts(actor.Type)
        ? new(actor.Type, actor.Id, ActorKey.Check(name, "reminder name"))
        : throw new ApiException(403, StatusCode.PermissionDenied, "ERR_ACTOR_REMINDER_NON_HOSTED",
            $"actor reminder operations are only for actor types that are hosted here, not {actor.Type}");

    static byte[] ToJson(ReminderRecord r) => CallbackBody.Write(w =>
    {
        w.WriteString("actorID", r.Key.ActorId);
        w.WriteString("actorType", r.Key.ActorType);
        if (r.Data is not null)
            CallbackBody.WriteData(w, r.Data);
        w.WriteString("dueTime", r.DueTime);
        if (r.Period.Length > 0)
            w.WriteString("period", $"@every {GoDuration.Format(Period.Parse(r.Period).Time)}");
        if (r.ExpiresAt is { } end)
            w.WriteString("expirationTime", end.UtcDateTime);
    });

    static ApiException Failed(string code, string message) => new(500, StatusCode.Internal, code, message);
}
