using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Passwords;

public sealed record ChangePasswordRequest(string CurrentPassword, string NewPassword);

static class ChangePassword
{
    /// <summary>All other sessions end.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        ChangePasswordRequest request, CurrentUser caller, UsersDb db, PasswordHasher passwords, PasswordCheck check,
        NewPassword newPassword, CancellationToken ct)
    {
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == caller.Id, ct) is not { } user)
            return Problems.NotFound("user");
        if (PasswordRules.Check(new(), "newPassword", request.NewPassword, user.Username, user.Email)
            .Check(PasswordRules.CouldBe(request.CurrentPassword), "currentPassword", PasswordCheck.Rule)
            .Check(request.NewPassword != request.CurrentPassword, "newPassword", "newPassword is the old one.")
            .Problem is { } wrong)
            return wrong;
        using var turn = passwords.TryTakeTurn();
        if (turn is null)
            return PasswordHasher.Busy;
        if (await check.RefuseAsync(user, request.CurrentPassword, turn, ct) is { } refused)
            return refused;
        var hash = await turn.HashAsync(request.NewPassword, ct);
        return await newPassword.SetAsync(
            user.Id, user.PasswordHash, hash, Acts.PasswordChanged, caller.SessionId, ct)
            ? TypedResults.NoContent()
            : Problems.Conflict("concurrent-change", "The password was changed at the same time.");
    }
}
