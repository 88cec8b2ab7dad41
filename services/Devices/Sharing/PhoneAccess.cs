using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Sharing;

/// <param name="DeviceId">Null: the share's.</param>
/// <param name="UserId">Who asks for it; null: whoever has the share's token.</param>
/// <param name="IsOperator">The user is one, and may use all phones.</param>
sealed record AccessRequest(
    Guid? DeviceId = null, Guid? UserId = null, string? ShareToken = null, bool IsOperator = false);

/// <param name="Outcome"><c>granted</c>; <c>refused</c>: there is no such phone for this caller, or the share is over;
/// <c>not-running</c>; <c>unreachable</c>: it runs, and its adbd is not there now.</param>
/// <param name="Access">What may be done, wherever it is not refused.</param>
/// <param name="Host">Of the phone's adbd, which asks nobody who he is; like port and serial only where it is
/// granted.</param>
/// <param name="Serial">The phone's <c>ro.serialno</c>; at another one's adbd somebody else is.</param>
/// <param name="ShareId">By which it was granted; null: by the user's own right.</param>
/// <param name="Until">When the share ends.</param>
sealed record AccessAnswer(
    string Outcome, ShareAccess? Access = null, Guid? DeviceId = null, Guid? OwnerId = null, string? Name = null,
    DeviceStatus? Status = null, string? Host = null, int? Port = null, string? Serial = null, Guid? ShareId = null,
    DateTimeOffset? Until = null);

/// <summary>
/// Whether somebody may see or use a phone, and where it is: for the media service, which asks again every few seconds
/// while somebody watches, so that what was revoked ends.
/// </summary>
static class PhoneAccess
{
    public static void MapPhoneAccess(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/internal/phones/access", Ask).RequireAuthorization(Policies.Service).Repeatable()
            .ExcludeFromDescription();

    static async Task<Results<Ok<AccessAnswer>, ProblemHttpResult>> Ask(
        AccessRequest request, DeviceDb db, IDeviceProvider provider, TimeProvider clock, CancellationToken ct)
    {
        if (request.UserId is null && request.ShareToken is null)
            return Problems.BadRequest("bad-request", "userId or shareToken says who asks.");
        if (request.DeviceId is null && request.ShareToken is null)
            return Problems.BadRequest("bad-request", "deviceId says which phone, unless shareToken does.");
        var share = request.ShareToken is { } token && ShareToken.HashOf(token) is { } hash
            ? await db.Shares.AsNoTracking().Where(s => s.TokenHash == hash).Open(clock.GetUtcNow())
                .SingleOrDefaultAsync(ct) : null;
        if ((request.DeviceId ?? share?.DeviceId) is not { } id
            || await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is not { } device)
            return TypedResults.Ok(new AccessAnswer("refused"));
        if (request.UserId is { } user && (request.IsOperator || device.UserId == user))
            share = null; // the own right is the greater one
        else if (share?.DeviceId != device.Id)
            return TypedResults.Ok(new AccessAnswer("refused"));
        var answer = new AccessAnswer("not-running", share?.Access ?? ShareAccess.Control, device.Id, device.UserId,
            device.Name, device.Status, ShareId: share?.Id, Until: share?.ExpiresAt);
        return TypedResults.Ok(
            device.Status == DeviceStatus.Running ? await LocateAsync(answer, device.Id, provider, ct) : answer);
    }

    static async Task<AccessAnswer> LocateAsync(
        AccessAnswer answer, Guid id, IDeviceProvider provider, CancellationToken ct)
    {
        try
        {
            if ((await provider.GetStateAsync(id, ct)).Adb is { } adb)
                return answer with { Outcome = "granted", Host = adb.Host, Port = adb.Port, Serial = adb.Serial };
        }
        catch (ProviderException)
        {
            // its node is away
        }
        return answer with { Outcome = "unreachable" };
    }
}
