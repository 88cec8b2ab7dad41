using System.Text;
using CloudPhone.Shared.Auth;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPhone.Testing;

/// <summary>Tokens as the user service and the services make them, and ones that must be refused.</summary>
public sealed class TestTokens(string secret)
{
    public string User(
        Guid id, IEnumerable<string> roles, string audience = JwtSettings.UserAudience, TimeSpan? lifetime = null,
        string type = JwtSettings.UserTokenType, Guid? sid = null, string? scope = null)
    {
        var claims = new Dictionary<string, object>
        {
            ["sub"] = id.ToString(), ["username"] = $"user-{id:N}"[..16], ["roles"] = roles.ToArray(),
            [CurrentUser.SessionClaim] = (sid ?? Guid.CreateVersion7()).ToString(),
        };
        if (scope is not null)
            claims[Scopes.Claim] = scope;
        return Create(audience, type, lifetime ?? TimeSpan.FromMinutes(15), claims);
    }

    /// <summary>Signed as it should be, but its subject is no user's id.</summary>
    public string Nobody() => Create(JwtSettings.UserAudience, JwtSettings.UserTokenType, TimeSpan.FromMinutes(15),
        new() { ["sub"] = "nobody", ["roles"] = new[] { Roles.User } });

    public string Service(string appId) =>
        Create(JwtSettings.ServiceAudience, JwtSettings.ServiceTokenType, TimeSpan.FromMinutes(5),
            new() { ["svc"] = appId });

    string Create(string audience, string type, TimeSpan lifetime, Dictionary<string, object> claims)
    {
        var now = DateTime.UtcNow;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = JwtSettings.Issuer, Audience = audience, TokenType = type, Claims = claims,
            IssuedAt = now.AddHours(-1), NotBefore = now.AddHours(-1), Expires = now + lifetime,
            SigningCredentials = new(
                new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), SecurityAlgorithms.HmacSha256),
        });
    }
}
