using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.ApiKeys;

static class ApiKeyRoutes
{
    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var mine = routes.MapGroup("/api/users/me/api-keys").WithTags("Users").Confidential();
        mine.MapPost("/", CreateApiKey.Handle).WithName("createApiKey").WithSummary("A key for a program; shown once")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429).ProducesProblem(503);
        mine.MapGet("/", ListMine).WithName("listApiKeys").WithSummary("The caller's keys, newest first");
        mine.MapDelete("/{keyId:guid}", (Guid keyId, CurrentUser caller, UsersDb db, Audit audit, TimeProvider clock,
                CancellationToken ct) => RevokeAsync(caller.Id, keyId, db, audit, clock, ct))
            .WithName("revokeApiKey").WithSummary("End a key").ProducesProblem(404);

        var others = routes.MapGroup("/api/users/{id:guid}/api-keys").WithTags("Users")
            .RequireAuthorization(Policies.Operator);
        others.MapGet("/", ListOf).WithName("listApiKeysOf").WithSummary("A user's keys, newest first, for operators")
            .ProducesProblem(404);
        others.MapDelete("/{keyId:guid}", RevokeOf)
            .WithName("revokeApiKeyOf").WithSummary("End a user's key, for operators; an admin's, for admins")
            .ProducesProblem(403).ProducesProblem(404);

        routes.MapPost("/internal/api-keys/exchange", Exchange.Handle).RequireAuthorization(Policies.Service)
            .Repeatable().ExcludeFromDescription();
    }

    static async Task<Page<ApiKeyView>> ListMine(
        CurrentUser caller, PageRequest page, UsersDb db, CancellationToken ct) =>
        (await db.ApiKeys.Where(k => k.UserId == caller.Id && k.RevokedAt == null).ToPageAsync(page, ct))
            .Select(ApiKeyView.Of);

    static async Task<Results<Ok<Page<ApiKeyView>>, ProblemHttpResult>> ListOf(
        Guid id, PageRequest page, UsersDb db, CancellationToken ct) =>
        await db.Users.AnyAsync(u => u.Id == id, ct)
            ? TypedResults.Ok((await db.ApiKeys.Where(k => k.UserId == id && k.RevokedAt == null).ToPageAsync(page, ct))
                .Select(ApiKeyView.Of))
            : Problems.NotFound("user");

    /// <summary>By an operator; an admin's only by another admin.</summary>
    static async Task<Results<NoContent, ProblemHttpResult>> RevokeOf(
        Guid id, Guid keyId, CurrentUser caller, UsersDb db, Audit audit, TimeProvider clock, CancellationToken ct) =>
        await Administration.RefuseAsync(id, caller, db, ct) is { } refused ? refused
            : await RevokeAsync(id, keyId, db, audit, clock, ct);

    static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid userId, Guid keyId, UsersDb db, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var revoked = await db.InTransactionAsync(async () =>
        {
            var mine = db.ApiKeys.Where(k => k.Id == keyId && k.UserId == userId);
            if (await mine.Where(k => k.RevokedAt == null)
                    .ExecuteUpdateAsync(s => s.SetProperty(k => k.RevokedAt, now), ct) == 0)
                return false;
            audit.Add(userId, Acts.ApiKeyRevoked, await mine.Select(k => $"{k.Prefix} \"{k.Name}\"").SingleAsync(ct));
            await db.SaveChangesAsync(ct);
            return true;
        }, ct);
        return revoked ? TypedResults.NoContent() : Problems.NotFound("API key");
    }
}
