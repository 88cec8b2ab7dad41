using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Devices.Sharing;

/// <summary>What a share is used with: 256 random bits, of which only a hash is kept. So many need no salt.</summary>
static class ShareToken
{
    const string Prefix = "cps_";
    const int Bytes = 32;
    static readonly int Length = Prefix.Length + Base64Url.GetEncodedLength(Bytes);

    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <returns>Null where it is none, whatever shares there are.</returns>
    public static string? HashOf(string token) =>
        token.Length == Length && token.StartsWith(Prefix, StringComparison.Ordinal)
            ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token))) : null;
}
