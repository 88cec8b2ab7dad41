using System.Text;
using CloudPhone.Shared.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace CloudPhone.Shared.Auth;

/// <summary>The key and the names that all services check tokens with.</summary>
public sealed class JwtSettings
{
    /// <summary>The <c>iss</c> of all tokens, users' and services'.</summary>
    public const string Issuer = "cloudphone";
    /// <summary>Audience of users' access tokens.</summary>
    public const string UserAudience = "cloudphone-users";
    /// <summary>Audience of the tokens that services show each other.</summary>
    public const string ServiceAudience = "cloudphone-services";
    /// <summary>The header type of users' access tokens (RFC 9068).</summary>
    public const string UserTokenType = "at+jwt";
    /// <summary>The header type of services' tokens: neither kind passes for the other.</summary>
    public const string ServiceTokenType = "svc+jwt";
    const int MinSecretBytes = 32;

    /// <exception cref="SettingException">JWT_SECRET is missing or shorter than 32 bytes.</exception>
    public JwtSettings(IConfiguration configuration)
    {
        var secret = configuration.Required("JWT_SECRET", "the secret that all services share, at least 32 bytes");
        if (Encoding.UTF8.GetByteCount(secret) < MinSecretBytes)
            throw new SettingException(
                $"Set JWT_SECRET to at least {MinSecretBytes} bytes; it is the same for all services.");
        Key = new(Encoding.UTF8.GetBytes(secret));
    }

    /// <summary>Of JWT_SECRET, the same in all services: signs and checks.</summary>
    public SymmetricSecurityKey Key { get; }

    /// <summary>Only HS256 by our key, for that audience and type, with 30 s for clocks that differ.</summary>
    public TokenValidationParameters Validation(string audience, string type) => new()
    {
        ValidIssuer = Issuer, ValidAudience = audience, ValidTypes = [type], IssuerSigningKey = Key,
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256], RequireExpirationTime = true, RequireSignedTokens = true,
        ClockSkew = TimeSpan.FromSeconds(30), NameClaimType = "username", RoleClaimType = "roles",
    };
}
