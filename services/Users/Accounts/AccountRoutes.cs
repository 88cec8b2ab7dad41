using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Emails;

namespace CloudPhone.Users.Accounts;

static class AccountRoutes
{
    public static void AddAccounts(this WebApplicationBuilder builder) =>
        builder.Services.AddScoped<NewAccount>().AddSingleton<IStartupPreparation, FirstAdmin>()
            .AddHostedService<EmailChangeWorker>();

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/auth/register", Register.Handle).AllowAnonymous().WithTags("Auth").WithName("register")
            .Confidential().WithSummary("Sign up: gives an account and the default quota")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(503);

        var users = routes.MapGroup("/api/users").WithTags("Users");
        users.MapGet("/me", Profiles.GetMe).WithName("getMe").WithSummary("The caller's own account and balance");
        users.MapPatch("/me", ChangeProfile.Handle).WithName("changeMe").Confidential()
            .WithSummary("Another language, or e-mail address, which needs the password and counts once confirmed")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);
        routes.MapPost("/api/auth/email-change/confirm", ConfirmEmail.Handle).AllowAnonymous().WithTags("Auth")
            .WithName("confirmEmailChange").Confidential()
            .WithSummary("Another e-mail address by the link that was mailed to it")
            .ProducesProblem(400).ProducesProblem(409);
        users.MapGet("/{id:guid}", Profiles.Get).RequireAuthorization(Policies.UserOrService).WithName("getUser")
            .WithSummary("One user: yourself, or anybody for operators").ProducesProblem(404);
        users.MapGet("/", Profiles.List).RequireAuthorization(Policies.Operator).WithName("listUsers")
            .WithSummary("All users, newest first, for operators");

        var admins = users.MapGroup("/{id:guid}").RequireAuthorization(Policies.Admin);
        admins.MapPut("/roles", Administration.ChangeRoles).WithName("changeRoles")
            .WithSummary("Other roles, for admins; ends the user's sessions")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        admins.MapPost("/suspend", Administration.Suspend).WithName("suspendUser")
            .WithSummary("The user can't log in any more, for admins").ProducesProblem(400).ProducesProblem(404)
            .ProducesProblem(409);
        admins.MapPost("/reinstate", Administration.Reinstate).WithName("reinstateUser")
            .WithSummary("The user can log in again, for admins").ProducesProblem(404);

        routes.MapGet("/internal/users/contact", Profiles.GetContact).RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
    }
}
