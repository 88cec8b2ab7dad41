using CloudPhone.Shared.Auth;
using CloudPhone.Users.Accounts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPhone.Users.Sessions;

/// <summary>Makes the tokens that users show to every service.</summary>
sealed class AccessTokens(JwtSettings jwt, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    public string Create(User user, Guid sessionId) =>
        Create(user, sessionId, clock.GetUtcNow() + Lifetime, new() { ["roles"] = user.Roles.ToArray() });

    /// <summary>For an API key: what its scopes give, and of the owner's roles only that of all users.</summary>
    public string CreateFor(User owner, Guid keyId, string scopes, DateTimeOffset until) =>
        Create(owner, keyId, until, new() { ["roles"] = new[] { Roles.User }, [Scopes.Claim] = scopes });

    string Create(User user, Guid sessionId, DateTimeOffset until, Dictionary<string, object> more)
    {
        var now = clock.GetUtcNow();
        // within the second after a suspension's end, or where clocks differ, it still is a token from after that
        var issuedAt = user.ReinstatedAt is { } end && end > now ? end : now;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = JwtSettings.Issuer, Audience = JwtSettings.UserAudience, TokenType = JwtSettings.UserTokenType,
            IssuedAt = issuedAt.UtcDateTime, NotBefore = now.UtcDateTime, Expires = until.UtcDateTime,
            Claims = new Dictionary<string, object>(more)
            {
                ["sub"] = user.Id.ToString(), ["username"] = user.Username,
                ["jti"] = Guid.NewGuid().ToString("N"), [CurrentUser.SessionClaim] = sessionId.ToString(),
            },
            SigningCredentials = new(jwt.Key, SecurityAlgorithms.HmacSha256),
        });
    }
}
