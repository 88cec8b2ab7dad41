using CloudPhone.Shared.Http;
using CloudPhone.Users.Resets;

namespace CloudPhone.Users.Passwords;

static class PasswordRoutes
{
    public static void AddPasswords(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<PasswordHasher>().AddScoped<PasswordCheck>().AddScoped<NewPassword>()
            .AddHostedService<ResetWorker>();

    public static void MapPasswords(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/users/me/password", ChangePassword.Handle).WithTags("Users").WithName("changePassword")
            .Confidential()
            .WithSummary("Another password; ends all other sessions")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);

        var resets = routes.MapGroup("/api/auth/password-reset").AllowAnonymous().WithTags("Auth").Confidential();
        resets.MapPost("/", RequestReset.Handle).WithName("requestPasswordReset")
            .WithSummary("Mails a link for another password; the answer is the same for every address")
            .ProducesProblem(400).ProducesProblem(429);
        resets.MapPost("/confirm", ConfirmReset.Handle).WithName("confirmPasswordReset")
            .WithSummary("Another password by the mailed link; ends all sessions")
            .ProducesProblem(400).ProducesProblem(503);
    }
}
