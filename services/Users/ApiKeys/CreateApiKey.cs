using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.TwoFactor;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.ApiKeys;

/// <param name="CurrentPassword">A key outlives the session that makes it: a stolen token must not get one.</param>
/// <param name="Otp">A code of the authenticator app, or a recovery code, where two-factor is on.</param>
public sealed record CreateApiKeyRequest(
    string Name, IReadOnlyList<string> Scopes, string CurrentPassword, string? Otp = null,
    DateTimeOffset? ExpiresAt = null);

/// <param name="Key">Shown this once.</param>
public sealed record CreatedApiKey(
    Guid Id, string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt, string Key);

static class CreateApiKey
{
    public const int MaxNameLength = 64;
    const int MaxKeys = 20;

    public static async Task<Results<Created<CreatedApiKey>, ProblemHttpResult>> Handle(
        CreateApiKeyRequest request, CurrentUser caller, UsersDb db, PasswordHasher passwords, PasswordCheck check,
        SecondFactor second, ResourceIds ids, Outbox outbox, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (Check(request, now) is { } wrong)
            return wrong;
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == caller.Id, ct) is not { } user)
            return Problems.NotFound("user");
        if (await RefuseAsync(user, request, passwords, check, second, ct) is { } refused)
            return refused;
        var value = ApiKeyFormat.New();
        var key = new ApiKey
        {
            Id = ids.New(), UserId = caller.Id, Name = request.Name.Trim(), Prefix = ApiKeyFormat.PrefixOf(value),
            Hash = ApiKeyFormat.HashOf(value), Scopes = string.Join(' ', request.Scopes), CreatedAt = now,
            ExpiresAt = request.ExpiresAt?.ToUniversalTime(),
        };
        return await TryAddAsync(key, user, db, outbox, audit, ct) switch
        {
            null => Problems.NotFound("user"),
            false => Problems.Conflict("too-many-api-keys", $"You have {MaxKeys} API keys: delete one first."),
            true => TypedResults.Created($"/api/users/me/api-keys/{key.Id}", new CreatedApiKey(
                key.Id, key.Name, key.Prefix, request.Scopes, key.CreatedAt, key.ExpiresAt, value)),
        };
    }

    static async Task<ProblemHttpResult?> RefuseAsync(
        User user, CreateApiKeyRequest request, PasswordHasher passwords, PasswordCheck check, SecondFactor second,
        CancellationToken ct)
    {
        var wasGood = await second.IsGoodAsync(user.Id, request.Otp, ct);
        using var turn = passwords.TryTakeTurn();
        return turn is null ? PasswordHasher.Busy
            : await check.RefuseAsync(user, request.CurrentPassword, turn, ct)
                ?? await second.RefuseIfOnAsync(user, request.Otp, wasGood, ct);
    }

    /// <returns>False: there are too many. Null: there is no such user.</returns>
    static Task<bool?> TryAddAsync(
        ApiKey key, User user, UsersDb db, Outbox outbox, Audit audit, CancellationToken ct) =>
        db.InTransactionAsync<bool?>(async () =>
    {
        // the user's row is taken first, so that of many at once each counts what the others made
        var taken = await db.Users.Where(u => u.Id == key.UserId)
            .ExecuteUpdateAsync(s => s.SetProperty(u => u.CreatedAt, u => u.CreatedAt), ct);
        if (taken == 0)
            return null;
        // of a first run of this very request that died before it could answer
        await db.ApiKeys.Where(k => k.Id == key.Id && k.UserId == key.UserId).ExecuteDeleteAsync(ct);
        var now = key.CreatedAt;
        var good = await db.ApiKeys.CountAsync(
            k => k.UserId == key.UserId && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), ct);
        if (good >= MaxKeys)
            return false;
        db.Add(key);
        outbox.Add(new UserApiKeyCreated(
            user.Id, user.Username, key.Id, key.Name, key.Prefix, key.Scopes, key.CreatedAt));
        audit.Add(key.UserId, Acts.ApiKeyCreated, $"{key.Prefix} \"{key.Name}\" {key.Scopes}");
        await db.SaveChangesAsync(ct);
        return true;
    }, ct);

    static ProblemHttpResult? Check(CreateApiKeyRequest request, DateTimeOffset now) => new FieldErrors()
        .Check(request.Name.Trim().Length is > 0 and <= MaxNameLength && !request.Name.Any(char.IsControl),
            "name", $"name has 1 to {MaxNameLength} characters.")
        .Check(request.Scopes.Count > 0 && request.Scopes.Distinct().Count() == request.Scopes.Count
                && request.Scopes.All(s => Scopes.Known.Contains(s)),
            "scopes", $"scopes are one or more of {string.Join(", ", Scopes.Known)}.")
        .Check(request.ExpiresAt is null || request.ExpiresAt > now, "expiresAt", "expiresAt is in the future.")
        .Check(PasswordRules.CouldBe(request.CurrentPassword), "currentPassword", PasswordCheck.Rule)
        .Check(request.Otp is null or { Length: <= SecondFactor.MaxLength }, "otp", "otp is a code or recovery code.")
        .Problem;
}
