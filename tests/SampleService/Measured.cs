using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Messaging;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.SampleService;

/// <summary>So many events of about 1 KB, published in one transaction.</summary>
public sealed record MeasuredEvents(int Count);

/// <summary>A note, with its event or without one.</summary>
public sealed record MeasuredNote(string Text, bool HasEvent);

/// <summary>What the benchmarks ask for.</summary>
static class Measured
{
    static readonly string Filling = new('x', 800);

    public static void MapMeasured(this IEndpointRouteBuilder routes)
    {
        var measured = routes.MapGroup("/internal/measured").RequireAuthorization(Policies.Service);
        measured.MapPost("/events", Publish);
        measured.MapPost("/notes", Write);
    }

    static async Task<Ok> Publish(
        MeasuredEvents request, NotesDb db, Outbox outbox, TimeProvider clock, CancellationToken ct)
    {
        for (var i = 0; i < request.Count; i++)
            outbox.Add(Started(Guid.CreateVersion7(), clock));
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok();
    }

    static async Task<Ok> Write(
        MeasuredNote request, NotesDb db, Outbox outbox, TimeProvider clock, CancellationToken ct)
    {
        var note = new Note { Id = Guid.CreateVersion7(), Text = request.Text, CreatedAt = clock.GetUtcNow() };
        db.Add(note);
        if (request.HasEvent)
            outbox.Add(Started(note.Id, clock));
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok();
    }

    /// <summary>A row for each time that it runs.</summary>
    public static void OnStarted(DeviceStarted e, NotesDb db, TimeProvider clock) =>
        db.Add(new Note
        {
            Id = Guid.CreateVersion7(), UserId = e.DeviceId, Text = "started", CreatedAt = clock.GetUtcNow(),
        });

    static DeviceStarted Started(Guid id, TimeProvider clock) =>
        new(id, Guid.Empty, Filling, 1, 1, clock.GetUtcNow(), 1);
}
