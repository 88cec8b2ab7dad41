using CloudPhone.Adb;
using CloudPhone.Contracts;
using CloudPhone.Shared.Http;

namespace CloudPhone.Media.Sessions;

/// <summary>What the device service answers; see its route /internal/phones/access.</summary>
/// <param name="Outcome"><c>granted</c>, <c>refused</c>, <c>not-running</c> or <c>unreachable</c>.</param>
/// <param name="Access">Like the two after it, null where it is refused.</param>
/// <param name="Status">The phone's.</param>
sealed record PhoneAnswer(
    string Outcome, ScreenAccess? Access, Guid? DeviceId, Guid? OwnerId, string? Name, string? Status, string? Host,
    int? Port, string? Serial, Guid? ShareId)
{
    /// <summary>Null: there is no such phone for who asks.</summary>
    public PhoneRight? Right => Outcome != "refused" && Access is { } access && DeviceId is { } id
        && OwnerId is { } owner ? new(access, id, owner, Name, ShareId) : null;
}

/// <summary>What somebody may do with a phone.</summary>
/// <param name="ShareId">By which; null: by a right of the user's own.</param>
sealed record PhoneRight(ScreenAccess Access, Guid DeviceId, Guid OwnerId, string? Name, Guid? ShareId);

/// <summary>Who asks to see which phone: a user, or whoever has a share's token.</summary>
sealed record PhoneClaim(Guid? DeviceId, Guid? UserId, bool IsOperator, string? ShareToken);

/// <summary>Asks the device service who may see a phone, and where it is.</summary>
sealed class PhoneRights([FromKeyedServices(AppIds.Devices)] Sibling devices)
{
    /// <exception cref="SiblingUnavailableException">It can't be told at the moment.</exception>
    public async Task<PhoneAnswer> AskAsync(PhoneClaim claim, CancellationToken ct) =>
        await devices.PostAsync<PhoneAnswer>("/internal/phones/access", claim, $"access-{Guid.CreateVersion7():N}", ct)
            ?? throw new SiblingUnavailableException(AppIds.Devices, null);

    /// <summary>Where the phone's adbd is now, whoever watches.</summary>
    /// <exception cref="AdbException"><see cref="AdbFault.Unreachable"/>: it can't be told, or there is
    /// none.</exception>
    public async Task<AdbAddress> FindAsync(Guid deviceId, CancellationToken ct)
    {
        try
        {
            var answer = await AskAsync(new(deviceId, Guid.Empty, true, null), ct);
            return answer is { Outcome: "granted", Host: { } host, Port: { } port } ? new(host, port, answer.Serial)
                : throw new AdbException(AdbFault.Unreachable, "The phone is off, or not up far enough to be reached.");
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
        {
            throw new AdbException(AdbFault.Unreachable, e.Message, e);
        }
    }
}
