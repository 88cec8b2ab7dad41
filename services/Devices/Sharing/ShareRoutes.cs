using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Sharing;

/// <param name="Access"><c>view</c> or <c>control</c>.</param>
/// <param name="Minutes">For how long, at most a week.</param>
sealed record ShareRequest(string Access, int Minutes);

/// <param name="Token">Told only now.</param>
sealed record ShareAnswer(Guid Id, string Token, ShareAccess Access, DateTimeOffset ExpiresAt);

sealed record ShareView(
    Guid Id, ShareAccess Access, Guid CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt);

static class ShareRoutes
{
    const int MaxMinutes = 7 * 24 * 60;
    const int MaxOpen = 20;
    static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(30);

    public static void MapShares(this RouteGroupBuilder devices)
    {
        var shares = devices.MapGroup("/{id:guid}/shares").ProducesProblem(404);
        shares.MapPost("/", Create).WithName("ShareDevice")
            .WithSummary("Makes a link by which others see or use a phone for a while; its token is told once.")
            .ProducesProblem(400).ProducesProblem(409).Confidential();
        shares.MapGet("/", List).WithName("ListShares").WithSummary("A phone's shares, ended ones too, newest first.");
        shares.MapDelete("/{shareId:guid}", Revoke).WithName("RevokeShare")
            .WithSummary("Ends a share; who uses it is cut off within seconds.");
    }

    static async Task<Results<Created<ShareAnswer>, ProblemHttpResult>> Create(
        Guid id, ShareRequest request, CurrentUser user, DeviceDb db, ResourceIds ids, TimeProvider clock,
        CancellationToken ct)
    {
        if (await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is not
            { } device)
            return Problems.NotFound("device");
        ShareAccess? access = request.Access switch
        {
            "view" => ShareAccess.View,
            "control" => ShareAccess.Control,
            _ => null,
        };
        if (access is null || request.Minutes is < 1 or > MaxMinutes)
            return Problems.BadRequest(
                "bad-request", $"access is view or control, minutes a whole number from 1 to {MaxMinutes}.");
        var share = new Share
        {
            Id = ids.New(), DeviceId = id, UserId = device.UserId, CreatedBy = user.Id, TokenHash = "",
            Access = access.Value, CreatedAt = clock.GetUtcNow(),
        };
        share.ExpiresAt = share.CreatedAt.AddMinutes(request.Minutes);
        var token = ShareToken.New();
        share.TokenHash = ShareToken.HashOf(token)!;
        var unit = request.Minutes == 1 ? "minute" : "minutes";
        var act = DeviceHistoryEntry.OfAct(
            device, Acts.Shared, $"{access}, {request.Minutes} {unit}", user.Id, share.CreatedAt);
        return await db.InTransactionAsync(() => AddAsync(db, share, act, ct), ct)
            ? TypedResults.Created(
                $"/api/devices/{id}/shares", new ShareAnswer(share.Id, token, share.Access, share.ExpiresAt))
            : Problems.Conflict("too-many-shares", $"A phone has at most {MaxOpen} shares at once.");
    }

    /// <returns>False: there would be too many.</returns>
    static async Task<bool> AddAsync(DeviceDb db, Share share, DeviceHistoryEntry act, CancellationToken ct)
    {
        await db.TakeTurnAsync(Turns.Shares, share.DeviceId, ct);
        var ofPhone = db.Shares.Where(s => s.DeviceId == share.DeviceId);
        // a request that is repeated because its first run died half-way finds its row, whose token nobody was told
        if (await ofPhone.SingleOrDefaultAsync(s => s.Id == share.Id, ct) is { } before)
            (before.TokenHash, before.Access, before.CreatedAt, before.ExpiresAt) =
                (share.TokenHash, share.Access, share.CreatedAt, share.ExpiresAt);
        else if (await ofPhone.Open(share.CreatedAt).CountAsync(ct) >= MaxOpen)
            return false;
        else
            db.AddRange(share, act);
        await ofPhone.Where(s => s.ExpiresAt < share.CreatedAt - KeptAfterEnd).ExecuteDeleteAsync(ct);
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>Those that still let somebody in.</summary>
    public static IQueryable<Share> Open(this IQueryable<Share> shares, DateTimeOffset now) =>
        shares.Where(s => s.RevokedAt == null && s.ExpiresAt > now);

    static async Task<Results<Ok<Page<ShareView>>, ProblemHttpResult>> List(
        Guid id, PageRequest page, CurrentUser user, DeviceDb db, CancellationToken ct)
    {
        if (!await db.Devices.VisibleTo(user).AnyAsync(d => d.Id == id, ct))
            return Problems.NotFound("device");
        return TypedResults.Ok((await db.Shares.Where(s => s.DeviceId == id).ToPageAsync(page, ct)).Select(s =>
            new ShareView(s.Id, s.Access, s.CreatedBy, s.CreatedAt, s.ExpiresAt, s.RevokedAt)));
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        Guid id, Guid shareId, CurrentUser user, DeviceDb db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is not
            { } device)
            return Problems.NotFound("device");
        if (await db.Shares.SingleOrDefaultAsync(s => s.Id == shareId && s.DeviceId == id, ct) is not { } share)
            return Problems.NotFound("share");
        if (share.RevokedAt is not null)
            return TypedResults.NoContent();
        var now = clock.GetUtcNow();
        share.RevokedAt = now;
        db.Add(DeviceHistoryEntry.OfAct(device, Acts.ShareRevoked, $"{share.Access}", user.Id, now));
        await db.SaveChangesAsync(ct);
        return TypedResults.NoContent();
    }
}
