using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Users.Sessions;

/// <summary>
/// Makes refresh tokens: 256 bits, opaque. A successor is derived from its predecessor by a key that only we have, so
/// that a client which didn't get our answer and asks again gets the very same one, although only hashes are kept.
/// </summary>
sealed class RefreshTokenValue(JwtSettings jwt)
{
    const int Bytes = 32;
    public const int MaxLength = 128;

    readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, jwt.Key.Key, Bytes,
        info: "cloudphone refresh token"u8.ToArray());

    public static string First() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public string SuccessorOf(string token) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(token)));

    public static string HashOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
