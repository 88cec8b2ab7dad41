using CloudPhone.Shared.Auth;
using CloudPhone.Users.Accounts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPhone.Users.Sessions;

/// <summary>Makes the tokens that users show to every service.</summary>
sealed class AccessTokens(JwtSettings jwt, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    public string Create(User user, Guid sessionId)
    {
        var now = clock.GetUtcNow();
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = JwtSettings.Issuer, Audience = JwtSettings.UserAudience, TokenType = JwtSettings.UserTokenType,
            IssuedAt = now.UtcDateTime, NotBefore = now.UtcDateTime, Expires = (now + Lifetime).UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                ["sub"] = user.Id.ToString(), ["username"] = user.Username, ["roles"] = user.Roles.ToArray(),
                ["jti"] = Guid.NewGuid().ToString("N"), [CurrentUser.SessionClaim] = sessionId.ToString(),
            },
            SigningCredentials = new(jwt.Key, SecurityAlgorithms.HmacSha256),
        });
    }
}
