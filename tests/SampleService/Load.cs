using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.SampleService;

/// <summary>Events that are published in one transaction, a DeviceCreated for each name.</summary>
public sealed record NewEvents(IReadOnlyList<string> Names);

/// <summary>A note that another service asks for.</summary>
public sealed record SiblingNote(string Text);

/// <summary>Events whose names end so can't be handled until <see cref="IsCured"/>.</summary>
public static class Poison
{
    public const string Name = "poison";
    /// <summary>Of an event whose handler never ends by itself.</summary>
    public const string Slow = "slow";

    public static TaskCompletionSource SlowBegan { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static bool IsCured { get; set; }
}

/// <summary>What the chaos tests ask for.</summary>
static class Load
{
    public static void MapLoad(this IEndpointRouteBuilder routes)
    {
        var load = routes.MapGroup("/internal/load").RequireAuthorization(Policies.Service);
        load.MapPost("/events", Publish);
        load.MapPost("/notes", Write);
        load.MapPost("/calls", Call);
        load.MapPost("/cure", () => { Poison.IsCured = true; });
    }

    static async Task<Ok> Publish(
        NewEvents request, NotesDb db, Outbox outbox, TimeProvider clock, CancellationToken ct)
    {
        foreach (var name in request.Names)
            outbox.Add(new DeviceCreated(
                Guid.CreateVersion7(), Guid.Empty, name, "phone", 1, 1, Guid.Empty, clock.GetUtcNow(), 1));
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok();
    }

    /// <summary>A row for each time it is called: who calls twice is seen.</summary>
    static async Task<Ok<SiblingNote>> Write(SiblingNote request, NotesDb db, TimeProvider clock, CancellationToken ct)
    {
        db.Add(new Note { Id = Guid.CreateVersion7(), Text = request.Text, CreatedAt = clock.GetUtcNow() });
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(request);
    }

    static Task<SiblingNote?> Call(
        SiblingNote request, [FromKeyedServices(AppIds.Apps)] Sibling sibling, CancellationToken ct) =>
        sibling.PostAsync<SiblingNote>("/internal/load/notes", request, Guid.NewGuid().ToString(), ct);
}
