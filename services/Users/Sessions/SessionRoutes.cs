using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;

namespace CloudPhone.Users.Sessions;

static class SessionRoutes
{
    public static void AddSessions(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<AccessTokens>().AddSingleton<RefreshTokenValue>()
            .AddScoped<Tokens>().AddScoped<Refresh>().AddScoped<LoginLimiter>().AddScoped<AttemptCounter>()
            .AddSingleton<AttemptQueue>().AddScoped<FailedLogins>().AddHostedService<FailedLoginWorker>()
            .AddHostedService<SessionSweep>().AddScoped<IRevocations, RevokedSids>();

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/api/auth").AllowAnonymous().WithTags("Auth");
        auth.MapPost("/login", Login.Handle).WithName("login").WithSummary("Log in with user name or e-mail address")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(429).ProducesProblem(503);
        auth.MapPost("/refresh", Refresh.Handle).WithName("refresh")
            .WithSummary("New tokens for a refresh token, which is used up by it")
            .ProducesProblem(401);
        auth.MapPost("/logout", Logout.Handle).WithName("logout").WithSummary("End the session").ProducesProblem(401);

        var users = routes.MapGroup("/api/users").WithTags("Users");
        users.MapGet("/me/sessions", MySessions.List).WithName("listMySessions")
            .WithSummary("Where the caller is logged in");
        users.MapDelete("/me/sessions/{id:guid}", MySessions.End).WithName("endMySession")
            .WithSummary("Log out there").ProducesProblem(404);
        users.MapDelete("/me/sessions", MySessions.EndOthers).WithName("endMyOtherSessions")
            .WithSummary("Log out everywhere else");
        users.MapDelete("/{id:guid}/sessions", MySessions.EndAll).RequireAuthorization(Policies.Operator)
            .WithName("endSessions").WithSummary("End all sessions of a user, for operators; of an admin, for admins")
            .ProducesProblem(403).ProducesProblem(404);

        routes.MapGet("/internal/revocations", RevokedSids.Feed).RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
        routes.MapPost(OverSidsRequest.Path, OverSids.Handle).RequireAuthorization(Policies.Service)
            .Repeatable().ExcludeFromDescription();
    }
}
