using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.SampleService;

public sealed class Note : IEntity, IVersioned
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public required string Text { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public long Version { get; set; } = 1;
}

public sealed class NotesDb(DbContextOptions<NotesDb> options, ServiceDbContextParts parts) : ServiceDb(options, parts)
{
    public DbSet<Note> Notes => Set<Note>();
    public DbSet<Chore> Chores => Set<Chore>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Note>().Property(n => n.Version).IsConcurrencyToken();
        modelBuilder.Entity<Chore>().HasIndex(c => c.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
    }
}

/// <summary>Notes of the text "slow" are made when it opens.</summary>
public static class Slow
{
    public static TaskCompletionSource Gate { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A handler waits at the gate.</summary>
    public static bool IsReached { get; set; }
}

public sealed record NewNote(string Text, int Size);

static class Notes
{
    public static void MapNotes(this IEndpointRouteBuilder routes)
    {
        var notes = routes.MapGroup("/api/notes");
        notes.MapPost("/", Create);
        notes.MapGet("/", List);
        notes.MapPost("/secret", (NewNote request) => new NewNote($"the answer to {request.Text}", 1)).Confidential();
        notes.MapPost("/repeatable", () => "ok").Repeatable();
        notes.MapGet("/fail", string () => throw new InvalidOperationException("the secret inside"));
        notes.MapGet("/for-services", () => "ok").RequireAuthorization(Policies.Service);
    }

    static async Task<Results<Created<Note>, ProblemHttpResult>> Create(
        NewNote request, CurrentUser user, NotesDb db, ResourceIds ids, Outbox outbox, TimeProvider clock,
            CancellationToken ct)
    {
        if (request.Text == "broken")
            throw new InvalidOperationException("broken");
        if (request.Text == "slow")
        {
            Slow.IsReached = true;
            await Slow.Gate.Task.WaitAsync(ct);
        }
        var now = clock.GetUtcNow();
        var note = new Note { Id = ids.New(), UserId = user.Id, Text = request.Text, CreatedAt = now };
        db.Add(note);
        outbox.Add(new AppInstalled(note.Id, note.Id, user.Id, note.Id, "note", "note", "1", now));
        await db.SaveChangesAsync(ct);
        return TypedResults.Created($"/api/notes/{note.Id}", note);
    }

    static Task<Page<Note>> List(PageRequest page, CurrentUser user, NotesDb db, CancellationToken ct) =>
        db.Notes.Where(n => n.UserId == user.Id).ToPageAsync(page, ct);

    public static async Task OnDeviceCreated(
        DeviceCreated e, NotesDb db, Outbox outbox, TimeProvider clock, CancellationToken ct)
    {
        if (e.DeviceName == Poison.Slow)
        {
            Poison.SlowBegan.TrySetResult();
            await Task.Delay(Timeout.Infinite, ct);
        }
        if (e.DeviceName.EndsWith(Poison.Name, StringComparison.Ordinal) && !Poison.IsCured)
            throw new InvalidOperationException("the handler broke");
        db.Add(new Note
        {
            Id = Guid.CreateVersion7(), UserId = e.UserId, Text = e.DeviceName,
            CreatedAt = clock.GetUtcNow()
        });
        outbox.Add(
            new AppInstalled(e.DeviceId, e.DeviceId, e.UserId, e.DeviceId, "note", "note", "1", clock.GetUtcNow()));
    }
}
