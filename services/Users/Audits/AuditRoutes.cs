using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Audits;

/// <param name="ActorId">Who did it; null: nobody whom we know, as at a failed login.</param>
public sealed record AuditItem(
    Guid Id, Guid UserId, Guid? ActorId, string Act, string? Detail, string? IpAddress, string? RequestId,
    DateTimeOffset At);

static class AuditRoutes
{
    public static void AddAudits(this WebApplicationBuilder builder) =>
        builder.Services.AddHttpContextAccessor().AddScoped<Audit>();

    public static void MapAudits(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/users").WithTags("Users");
        users.MapGet("/me/audit", GetMine).WithName("getMyAudit")
            .WithSummary("What happened to the caller's account, newest first");
        users.MapGet("/{id:guid}/audit", Get).RequireAuthorization(Policies.Operator).WithName("getAudit")
            .WithSummary("What happened to an account, newest first, for operators").ProducesProblem(404);
    }

    static Task<Page<AuditItem>> GetMine(CurrentUser caller, PageRequest page, UsersDb db, CancellationToken ct) =>
        ReadAsync(caller.Id, page, db, ct);

    static async Task<Results<Ok<Page<AuditItem>>, ProblemHttpResult>> Get(
        Guid id, PageRequest page, UsersDb db, CancellationToken ct) =>
        await db.Users.AnyAsync(u => u.Id == id, ct)
            ? TypedResults.Ok(await ReadAsync(id, page, db, ct))
            : Problems.NotFound("user");

    static async Task<Page<AuditItem>> ReadAsync(Guid userId, PageRequest page, UsersDb db, CancellationToken ct) =>
        (await db.AuditEntries.Where(e => e.UserId == userId).ToPageAsync(page, ct)).Select(e =>
            new AuditItem(e.Id, e.UserId, e.ActorId, e.Act, e.Detail, e.IpAddress, e.RequestId, e.At));
}
