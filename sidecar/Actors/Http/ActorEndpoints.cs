using CloudPhone.Sidecar.Actors.Timers;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.State.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Sidecar.Actors.Http;

/// <summary>
/// <c>/v1.0/actors/{type}/{id}</c>: methods, state and timers. Errors are <see cref="ApiException"/>s.
/// </summary>
static class ActorEndpoints
{
    const int TypeSegment = 2;

    /// <summary>Position of the last name in <c>/v1.0/actors/{type}/{id}/method/{name}</c> and its like.</summary>
    public const int NameSegment = 5;

    public static async Task<ActorContent> InvokeAsync(HttpRequest request, ActorsApi actors, CancellationToken ct)
    {
        var method = ActorKey.Check(request.PathSegment(NameSegment), "method");
        var headers = request.Headers.Where(h => ActorHeaders.PassesOn(h.Key))
            .SelectMany(h => h.Value, (h, v) => KeyValuePair.Create(h.Key, v ?? ""));
        var body = await ActorRequest.ReadBodyAsync(request, ct);
        return new(await actors.InvokeAsync(
            new(ActorOf(request), Uri.EscapeDataString(method), body, [.. headers], Nests: true), ct));
    }

    public static async Task<Results<StateContent, NoContent>> GetStateAsync(
        HttpRequest request, ActorStateApi state, CancellationToken ct)
    {
        var value = await state.GetAsync(ActorOf(request), request.PathSegment(NameSegment), ct);
        return value is null ? TypedResults.NoContent() : new StateContent(value, WithETag: false);
    }

    public static async Task<NoContent> SaveStateAsync(HttpRequest request, ActorStateApi state, CancellationToken ct)
    {
        using var body = await StateRequest.ParseAsync(request, ct);
        var operations = StateRequest.ReadOperations(
            body.RootElement, StateRequest.QueryMetadata(request), "ERR_NOT_SUPPORTED_STATE_OPERATION");
        await state.TransactAsync(ActorOf(request), operations, ct);
        return TypedResults.NoContent();
    }

    public static async Task<NoContent> RegisterTimerAsync(HttpRequest request, ActorTimers timers,
        CancellationToken ct)
    {
        var timer = await ActorRequest.ReadTimerAsync(request, ct);
        timers.Register(ActorOf(request), ActorKey.Check(request.PathSegment(NameSegment), "timer name"), timer);
        return TypedResults.NoContent();
    }

    public static NoContent UnregisterTimer(HttpRequest request, ActorTimers timers)
    {
        timers.Unregister(ActorOf(request), request.PathSegment(NameSegment));
        return TypedResults.NoContent();
    }

    public static ActorKey ActorOf(HttpRequest request) =>
        ActorKey.Of(request.PathSegment(TypeSegment), request.PathSegment(TypeSegment + 1));
}

/// <summary>The app's answer, untouched.</summary>
sealed record ActorContent(ActorAnswer Answer) : IResult
{
    public Task ExecuteAsync(HttpContext http)
    {
        http.Response.StatusCode = Answer.Status;
        foreach (var (name, value) in Answer.Headers)
            http.Response.Headers.Append(name, value);
        http.Response.ContentLength = Answer.Body.Length;
        return http.Response.Body.WriteAsync(Answer.Body, http.RequestAborted).AsTask();
    }
}
