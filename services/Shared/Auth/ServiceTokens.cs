using CloudPhone.Shared.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// Makes the token that proves to a sibling which service calls. It works through the sidecar and on the direct way
/// alike; the gateway strips the header from what comes from outside.
/// </summary>
public sealed class ServiceTokens(ServiceIdentity identity, JwtSettings jwt, TimeProvider clock)
{
    /// <summary>The header that carries the token, as <c>Authorization</c> may hold a user's.</summary>
    public const string Header = "X-Service-Token";
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    volatile Issued? _current;

    /// <summary>A token that is valid for at least a minute more.</summary>
    public string Current
    {
        get
        {
            var now = clock.GetUtcNow();
            if (_current is { } issued && now < issued.RenewAt)
                return issued.Token;
            var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                Issuer = JwtSettings.Issuer, Audience = JwtSettings.ServiceAudience,
                TokenType = JwtSettings.ServiceTokenType,
                IssuedAt = now.UtcDateTime, NotBefore = now.UtcDateTime, Expires = (now + Lifetime).UtcDateTime,
                Claims = new Dictionary<string, object> { ["svc"] = identity.AppId },
                SigningCredentials = new(jwt.Key, SecurityAlgorithms.HmacSha256),
            });
            _current = new(token, now + Lifetime - TimeSpan.FromMinutes(1));
            return token;
        }
    }

    sealed record Issued(string Token, DateTimeOffset RenewAt);
}
