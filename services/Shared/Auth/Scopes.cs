using System.Security.Claims;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// What an API key may do: <c>AREA:read</c> for GET and HEAD, <c>AREA:write</c> for all else, and <c>*</c> for
/// everything. The area is the path's segment after <c>/api/</c>. A user's own token has no scopes and may do all that
/// the user may.
/// </summary>
public static class Scopes
{
    /// <summary>The claim of a key's token, scopes separated by spaces.</summary>
    public const string Claim = "scope";
    /// <summary>All areas, reading and writing.</summary>
    public const string All = "*";

    /// <summary>Who holds a key must not become its owner: signing in and changes of the account are never for
    /// keys.</summary>
    const string Accounts = "users";
    const string SignIn = "auth";

    static readonly string[] Areas =
        ["apps", "billing", "devices", "media", "notifications", "quotas", "scheduler"];

    /// <summary>Those that a key can be given.</summary>
    public static readonly IReadOnlyList<string> Known =
        [All, $"{Accounts}:read", .. Areas.SelectMany(a => new[] { $"{a}:read", $"{a}:write" })];

    /// <summary>What a request needs that these scopes don't give.</summary>
    /// <returns>Null: they suffice, or the path is in no area, like <c>/health</c>. Empty: no scope would.</returns>
    public static string? Missing(string scopes, string method, PathString path)
    {
        // a WebSocket, and what leads to one, goes both ways
        var isSocket = path.StartsWithSegments("/ws", out var rest);
        if (!isSocket && !path.StartsWithSegments("/api", out rest))
            return null;
        var area = rest.Value!.Split('/', 3) is ["", var segment, ..] ? segment.ToLowerInvariant() : "";
        var reads = !isSocket && (HttpMethods.IsGet(method) || HttpMethods.IsHead(method));
        if (area == SignIn || (area == Accounts && !reads))
            return "";
        var needed = $"{area}:{(reads ? "read" : "write")}";
        return scopes.Split(' ').Any(s => s == All || s == needed) ? null : needed;
    }
}

/// <summary>Refuses what the scopes of the caller's token don't give, before any handler runs.</summary>
sealed class ScopeMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http) =>
        http.User.FindFirstValue(Scopes.Claim) is not { } scopes
            || Scopes.Missing(scopes, http.Request.Method, http.Request.Path) is not { } missing ? next(http)
        : Problems.Forbidden("scope-missing", missing.Length == 0 ? "This is never for API keys: log in."
            : $"This API key has not the scope {missing}.").ExecuteAsync(http);
}
