using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// The tokens in mailed links. A token is derived from the id of what the link is for by a key of the platform: so
/// whoever writes the mail makes it, and no event and no database holds it.
/// </summary>
/// <param name="purpose">Each has a key of its own: a token for one is none for another.</param>
public abstract class LinkTokens(JwtSettings jwt, string purpose)
{
    const int KeyBytes = 32;

    readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, jwt.Key.Key, KeyBytes, info: Encoding.UTF8.GetBytes($"cloudphone {purpose}"));

    /// <summary>Letters, digits, <c>-</c>, <c>_</c> and one dot.</summary>
    public string Create(Guid id) => $"{id:N}.{Base64Url.EncodeToString(Seal(id))}";

    /// <returns>Null: it is none of ours. Whether it is still good only the user service knows.</returns>
    public Guid? Read(string token)
    {
        if (token.Split('.') is not [var text, var given] || !Guid.TryParseExact(text, "N", out var id)
            || !Base64Url.IsValid(given))
            return null;
        return CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(given), Seal(id)) ? id : null;
    }

    byte[] Seal(Guid id) => HMACSHA256.HashData(_key, id.ToByteArray(bigEndian: true));
}

/// <summary>Of links that give an account another password.</summary>
public sealed class ResetTokens(JwtSettings jwt) : LinkTokens(jwt, "password reset");

/// <summary>Of links that confirm an account's new e-mail address.</summary>
public sealed class EmailTokens(JwtSettings jwt) : LinkTokens(jwt, "e-mail change");
