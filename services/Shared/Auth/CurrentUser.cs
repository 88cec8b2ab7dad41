using System.Reflection;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Shared.Auth;

/// <summary>Who calls: a user, or a sibling service. A handler takes it as a parameter.</summary>
/// <param name="Id">The user's id; empty for a service.</param>
/// <param name="Service">The calling service's app id; null for a user.</param>
public sealed record CurrentUser(Guid Id, string Username, IReadOnlySet<string> Roles, string? Service)
{
    public bool IsService => Service is not null;
    public bool IsOperator => Roles.Contains(Auth.Roles.Operator) || Roles.Contains(Auth.Roles.Admin);

    /// <summary>True for the user itself, for operators and for services.</summary>
    public bool MaySee(Guid userId) => Id == userId || IsOperator || IsService;

    public static ValueTask<CurrentUser?> BindAsync(HttpContext http, ParameterInfo parameter) => new(From(http.User));

    public static CurrentUser? From(ClaimsPrincipal principal)
    {
        if (principal.FindFirstValue("svc") is { } service)
            return new(Guid.Empty, service, new HashSet<string>(), service);
        return Guid.TryParse(principal.FindFirstValue("sub"), out var id)
            ? new(id, principal.FindFirstValue("username") ?? "",
                principal.FindAll("roles").Select(c => c.Value).ToHashSet(), null)
            : null;
    }
}

/// <summary>The roles of users.</summary>
public static class Roles
{
    public const string User = "user";
    public const string Operator = "operator";
    public const string Admin = "admin";
}
