using CloudPhone.Contracts;
using CloudPhone.Shared.Hosting;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPhone.Shared.Auth;

/// <summary>Who may call a route. Without one of these it takes users' tokens.</summary>
public static class Policies
{
    /// <summary>Sibling services only.</summary>
    public const string Service = nameof(Service);
    /// <summary>Users and sibling services.</summary>
    public const string UserOrService = nameof(UserOrService);
    /// <summary>Users with the role operator or admin.</summary>
    public const string Operator = nameof(Operator);
    /// <summary>Users with the role admin.</summary>
    public const string Admin = nameof(Admin);
    /// <summary>The service's own sidecar, by APP_API_TOKEN.</summary>
    public const string Sidecar = nameof(Sidecar);

    internal const string ServiceScheme = "ServiceToken";

    internal static void AddPlatformAuth(this WebApplicationBuilder builder)
    {
        var jwt = new JwtSettings(builder.Configuration);
        builder.Services.AddSingleton(jwt).AddSingleton<ServiceTokens>().AddSingleton<ResetTokens>()
            .AddSingleton<EmailTokens>();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer(o =>
            {
                Remember(o);
                o.TokenValidationParameters = jwt.Validation(JwtSettings.UserAudience, JwtSettings.UserTokenType);
                o.Events = new() { OnMessageReceived = TakeTokenFromQuery, OnTokenValidated = RefuseUnusableAsync };
            })
            .AddJwtBearer(ServiceScheme, o =>
            {
                Remember(o);
                o.TokenValidationParameters = jwt.Validation(JwtSettings.ServiceAudience, JwtSettings.ServiceTokenType);
                o.Events = new()
                {
                    OnMessageReceived = c =>
                    {
                        c.Token = c.Request.Headers[ServiceTokens.Header];
                        if (string.IsNullOrEmpty(c.Token))
                            c.NoResult();
                        return Task.CompletedTask;
                    },
                };
            })
            .AddScheme<SidecarTokenOptions, SidecarTokenHandler>(
                Sidecar, o => o.Token = builder.Configuration["APP_API_TOKEN"]);
        builder.Services.AddAuthorizationBuilder()
            .SetDefaultPolicy(Policy(JwtBearerDefaults.AuthenticationScheme).Build())
            .SetFallbackPolicy(Policy(JwtBearerDefaults.AuthenticationScheme).Build())
            .AddPolicy(Service, Policy(ServiceScheme).Build())
            .AddPolicy(UserOrService, Policy(JwtBearerDefaults.AuthenticationScheme, ServiceScheme).Build())
            .AddPolicy(Operator, Policy(JwtBearerDefaults.AuthenticationScheme).RequireRole(Roles.Operator, Roles.Admin)
                .Build())
            .AddPolicy(Admin, Policy(JwtBearerDefaults.AuthenticationScheme).RequireRole(Roles.Admin).Build())
            .AddPolicy(Sidecar, Policy(Sidecar).Build());
    }

    /// <summary>
    /// How the service knows which sessions have ended: from the user service, which alone knows it by itself.
    /// </summary>
    internal static void AddRevocations(this IServiceCollection services, ServiceIdentity identity)
    {
        services.AddSingleton<Revocations>();
        if (identity.AppId == AppIds.Users)
            return;
        services.AddSingleton<IRevocations>(s => s.GetRequiredService<Revocations>());
        services.AddHostedService<RevocationPoller>();
    }

    static void Remember(JwtBearerOptions o)
    {
        o.TokenHandlers.Clear();
        o.TokenHandlers.Add(new RememberingTokenHandler { MapInboundClaims = false });
    }

    static async Task RefuseUnusableAsync(TokenValidatedContext context)
    {
        if (CurrentUser.From(context.Principal!) is not { } user)
            context.Fail("sub is no user's id");
        else if (user.SessionId is { } sid
            && await context.HttpContext.RequestServices.GetRequiredService<IRevocations>()
                .IsRevokedAsync(sid, IssuedAt(context.SecurityToken), context.HttpContext.RequestAborted))
            context.Fail("the session is over");
    }

    /// <returns>The least of times where the token does not tell.</returns>
    static DateTimeOffset IssuedAt(SecurityToken token) => new(((JsonWebToken)token).IssuedAt, TimeSpan.Zero);

    static AuthorizationPolicyBuilder Policy(params string[] schemes) =>
        new AuthorizationPolicyBuilder(schemes).RequireAuthenticatedUser();

    /// <summary>
    /// A browser can't set headers on a WebSocket: under /ws/ the token may be the query's <c>access_token</c>.
    /// </summary>
    static Task TakeTokenFromQuery(MessageReceivedContext context)
    {
        if (context.Request.Path.StartsWithSegments("/ws")
            && context.Request.Query["access_token"] is [{ Length: > 0 } token])
            context.Token = token;
        return Task.CompletedTask;
    }
}
