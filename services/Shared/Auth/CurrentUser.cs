using System.Reflection;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Shared.Auth;

/// <summary>Who calls: a user, or a sibling service. A handler takes it as a parameter.</summary>
/// <param name="Id">The user's id; empty for a service.</param>
/// <param name="Service">The calling service's app id; null for a user.</param>
public sealed record CurrentUser(Guid Id, string Username, IReadOnlySet<string> Roles, string? Service)
{
    /// <summary>Name of the claim with the session's id.</summary>
    public const string SessionClaim = "sid";

    /// <summary>The session, or API key, that the token belongs to; null for a service.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>True for a sibling service, which acts for no user.</summary>
    public bool IsService => Service is not null;
    /// <summary>True for the roles operator and admin; never for a service.</summary>
    public bool IsOperator => Roles.Contains(Auth.Roles.Operator) || Roles.Contains(Auth.Roles.Admin);

    /// <summary>True for the user itself, for operators and for services.</summary>
    public bool MaySee(Guid userId) => Id == userId || IsOperator || IsService;

    /// <summary>How the framework fills a handler's parameter: <see cref="From"/> of the request's token.</summary>
    public static ValueTask<CurrentUser?> BindAsync(HttpContext http, ParameterInfo parameter) => new(From(http.User));

    /// <summary>
    /// Reads a token that was checked already: the claim <c>svc</c> makes it a service, <c>sub</c> a user.
    /// </summary>
    /// <returns>Null: nobody, as on a route that needs no token.</returns>
    public static CurrentUser? From(ClaimsPrincipal principal)
    {
        if (principal.FindFirstValue("svc") is { } service)
            return new(Guid.Empty, service, new HashSet<string>(), service);
        return Guid.TryParse(principal.FindFirstValue("sub"), out var id)
            ? new(id, principal.FindFirstValue("username") ?? "",
                principal.FindAll("roles").Select(c => c.Value).ToHashSet(), null)
            {
                SessionId = Guid.TryParse(principal.FindFirstValue(SessionClaim), out var session) ? session : null,
            }
            : null;
    }
}

/// <summary>The roles of users.</summary>
public static class Roles
{
    /// <summary>Rents phones. Every account has it.</summary>
    public const string User = "user";
    /// <summary>Sees all phones, nodes and dead letters, and changes quotas and the app catalogue.</summary>
    public const string Operator = "operator";
    /// <summary>
    /// May do what an operator may, and changes roles and suspends users. The account that the first start makes has
    /// it.
    /// </summary>
    public const string Admin = "admin";
}
