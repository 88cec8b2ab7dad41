using CloudPhone.Shared.Hosting;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Resets;

public sealed record PasswordResetRequest(string Email);

static class RequestReset
{
    /// <summary>More mails in a row than that would be a nuisance.</summary>
    static readonly Pace OfOneAccount = Pace.Minutes(2);
    static readonly Pace FromOneAddress = Pace.Minutes(19);

    /// <summary>The same answer for every address, at the same cost.</summary>
    public static async Task<Results<Accepted, ProblemHttpResult>> Handle(
        PasswordResetRequest request, Caller caller, UsersDb db, AttemptCounter attempts, TimeProvider clock,
        CancellationToken ct)
    {
        if (new FieldErrors().Check(AccountRules.IsEmail(request.Email), "email", AccountRules.EmailRule)
            .Problem is { } wrong)
            return wrong;
        var email = AccountRules.Normalize(request.Email);
        var (_, lockedFor) = await attempts.TryBeginAsync(
            AttemptCounter.Key($"reset from {caller.IpAddress}"), FromOneAddress, ct);
        if (lockedFor is { } wait)
            return Login.Locked(wait, "requests for another password");
        var (_, isEnough) = await attempts.TryBeginAsync(AttemptCounter.Key($"reset of {email}"), OfOneAccount, ct);
        if (isEnough is null)
        {
            var now = clock.GetUtcNow();
            db.Add(new PasswordReset
            {
                Id = Guid.CreateVersion7(now), Email = email, IpAddress = caller.IpAddress, RequestedAt = now,
                NextAttemptAt = now, RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
            });
            await db.SaveChangesAsync(ct);
        }
        return TypedResults.Accepted((string?)null);
    }
}
