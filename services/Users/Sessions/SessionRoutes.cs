namespace CloudPhone.Users.Sessions;

static class SessionRoutes
{
    public static void AddSessions(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<AccessTokens>().AddSingleton<RefreshTokenValue>()
            .AddScoped<Tokens>().AddScoped<Refresh>().AddScoped<LoginLimiter>().AddHostedService<SessionSweep>();

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/api/auth").AllowAnonymous().WithTags("auth");
        auth.MapPost("/login", Login.Handle).WithName("login").WithSummary("Log in with user name or e-mail address")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(429).ProducesProblem(503);
        auth.MapPost("/refresh", Refresh.Handle).WithName("refresh")
            .WithSummary("New tokens for a refresh token, which is used up by it")
            .ProducesProblem(401);
        auth.MapPost("/logout", Logout.Handle).WithName("logout").WithSummary("End the session").ProducesProblem(401);
    }
}
