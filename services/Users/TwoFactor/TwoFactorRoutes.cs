using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.TwoFactor;

public sealed record TwoFactorStatus(bool Enabled, DateTimeOffset? EnabledAt, int RecoveryCodesLeft);

static class TwoFactorRoutes
{
    public static void AddTwoFactor(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<AuthenticatorSecrets>().AddScoped<SecondFactor>()
            .AddScoped<TwoFactorEnd>();

    public static void MapTwoFactor(this IEndpointRouteBuilder routes)
    {
        var mine = routes.MapGroup("/api/users/me/two-factor").WithTags("Users").Confidential();
        mine.MapGet("/", Get).WithName("getTwoFactor").WithSummary("Whether logins ask for a code");
        mine.MapPost("/setup", Setup.Handle).WithName("setUpTwoFactor")
            .WithSummary("A secret for an authenticator app; nothing is on yet")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429).ProducesProblem(503);
        mine.MapPost("/enable", Enable.Handle).WithName("enableTwoFactor")
            .WithSummary("Turn it on by a code of the app; gives the recovery codes, once")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429);
        mine.MapPost("/disable", Disable.Handle).WithName("disableTwoFactor").WithSummary("Turn it off")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429).ProducesProblem(503);
        mine.MapPost("/recovery-codes", RenewRecoveryCodes.Handle).WithName("renewRecoveryCodes")
            .WithSummary("New recovery codes; the old ones end")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429);
        routes.MapDelete("/api/users/{id:guid}/two-factor", Disable.Remove).RequireAuthorization(Policies.Admin)
            .WithTags("Users").WithName("removeTwoFactor")
            .WithSummary("Turn it off for a user who has lost app and recovery codes; ends the user's sessions")
            .ProducesProblem(404).ProducesProblem(409);
    }

    static async Task<TwoFactorStatus> Get(CurrentUser caller, UsersDb db, CancellationToken ct)
    {
        var enabledAt = await db.Authenticators.Where(a => a.UserId == caller.Id).Select(a => a.EnabledAt)
            .SingleOrDefaultAsync(ct);
        var left = await db.RecoveryCodes.CountAsync(c => c.UserId == caller.Id && c.UsedAt == null, ct);
        return new(enabledAt is not null, enabledAt, left);
    }
}
