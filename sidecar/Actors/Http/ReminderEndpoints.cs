using CloudPhone.Sidecar.Actors.Reminders;
using CloudPhone.Sidecar.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Sidecar.Actors.Http;

/// <summary><c>/v1.0/actors/{type}/{id}/reminders/{name}</c>.</summary>
static class ReminderEndpoints
{
    public static async Task<NoContent> PutAsync(HttpRequest request, RemindersApi reminders, CancellationToken ct)
    {
        var reminder = await ActorRequest.ReadReminderAsync(request, ct);
        await reminders.PutAsync(ActorEndpoints.ActorOf(request), request.PathSegment(ActorEndpoints.NameSegment),
            reminder, ct);
        return TypedResults.NoContent();
    }

    public static async Task<FileContentHttpResult> GetAsync(
        HttpRequest request, RemindersApi reminders, CancellationToken ct) => TypedResults.Bytes(
        await reminders.GetAsync(
            ActorEndpoints.ActorOf(request), request.PathSegment(ActorEndpoints.NameSegment), ct),
        "application/json");

    public static async Task<NoContent> DeleteAsync(HttpRequest request, RemindersApi reminders, CancellationToken ct)
    {
        await reminders.DeleteAsync(ActorEndpoints.ActorOf(request), request.PathSegment(ActorEndpoints.NameSegment),
            ct);
        return TypedResults.NoContent();
    }
}
