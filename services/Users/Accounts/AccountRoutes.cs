using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Users.Passwords;

namespace CloudPhone.Users.Accounts;

static class AccountRoutes
{
    public static void AddAccounts(this WebApplicationBuilder builder) =>
        builder.Services.AddScoped<NewAccount>().AddSingleton<PasswordHasher>()
            .AddSingleton<IStartupPreparation, FirstAdmin>();

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/auth/register", Register.Handle).AllowAnonymous().WithTags("auth").WithName("register")
            .WithSummary("Sign up: gives an account and the default quota")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(503);

        var users = routes.MapGroup("/api/users").WithTags("users");
        users.MapGet("/me", Profiles.GetMe).WithName("getMe").WithSummary("The caller's own account and balance");
        users.MapGet("/{id:guid}", Profiles.Get).RequireAuthorization(Policies.UserOrService).WithName("getUser")
            .WithSummary("One user: yourself, or anybody for operators").ProducesProblem(404);
        users.MapGet("/", Profiles.List).RequireAuthorization(Policies.Operator).WithName("listUsers")
            .WithSummary("All users, newest first, for operators");

        routes.MapGet("/internal/users/contact", Profiles.GetContact).RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
    }
}
