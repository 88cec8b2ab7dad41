using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.SampleService;

/// <summary>Something that is done elsewhere, at its time: by a call to CHORE_URL.</summary>
public sealed class Chore : DueRow
{
    public required string Name { get; set; }
    public string? DoneBy { get; set; }
}

public sealed record NewChore(string Name, double InSeconds);

static class Chores
{
    public static void MapChores(this IEndpointRouteBuilder routes) => routes.MapPost("/api/chores", Create);

    static async Task<Accepted> Create(
        NewChore request, CurrentUser user, NotesDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        db.Add(new Chore
        {
            Id = Guid.CreateVersion7(now), Name = request.Name, NextAttemptAt = now.AddSeconds(request.InSeconds),
            RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
        });
        await db.SaveChangesAsync(ct);
        return TypedResults.Accepted($"/api/chores/{user.Id}");
    }
}

sealed class ChoreWorker(
    DueWorkerParts parts, IConfiguration configuration, IHttpClientFactory http, ILogger<ChoreWorker> log)
    : DueWorker<NotesDb, Chore>(parts, log)
{
    readonly string _replica = configuration["REPLICA"] ?? "one";

    protected override string What => "chore";

    protected override TimeSpan LeaseLength =>
        TimeSpan.FromSeconds(configuration.Number("CHORE_LEASE_SECONDS", 30, 1, 60));

    protected override async Task<DateTimeOffset?> TryAsync(
        Chore row, IServiceProvider services, CancellationToken ct)
    {
        using var client = http.CreateClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(new(configuration["CHORE_URL"]!), row.Name));
        request.Headers.Add("Replica", _replica);
        request.Headers.Add(RequestId.Header, RequestId.Current);
        using var answer = await client.SendAsync(request, ct);
        answer.EnsureSuccessStatusCode();
        row.DoneBy = _replica;
        if (row.Name == "unsavable")
            services.GetRequiredService<NotesDb>().Add(new Note { Text = null! });
        return null;
    }
}
