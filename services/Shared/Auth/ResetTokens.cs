using System.Buffers.Text;
using System.Security.Cryptography;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// The tokens in mailed links that give an account another password. A token is derived from the id of its reset by a
/// key of the platform: so whoever writes the mail makes it, and no event and no database holds it.
/// </summary>
public sealed class ResetTokens(JwtSettings jwt)
{
    const int KeyBytes = 32;

    readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, jwt.Key.Key, KeyBytes, info: "cloudphone password reset"u8.ToArray());

    /// <summary>Letters, digits, <c>-</c>, <c>_</c> and one dot.</summary>
    public string Create(Guid resetId) => $"{resetId:N}.{Base64Url.EncodeToString(Seal(resetId))}";

    /// <returns>Null: it is none of ours. Whether it is still good only the user service knows.</returns>
    public Guid? Read(string token)
    {
        if (token.Split('.') is not [var text, var given] || !Guid.TryParseExact(text, "N", out var id)
            || !Base64Url.IsValid(given))
            return null;
        return CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(given), Seal(id)) ? id : null;
    }

    byte[] Seal(Guid resetId) => HMACSHA256.HashData(_key, resetId.ToByteArray(bigEndian: true));
}
