using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPhone.Devices.Tunnels;

/// <summary>
/// A user's ADB key as <c>~/.android/adbkey.pub</c> has it: Base64 of Android's own form, little-endian, and then a
/// comment. Only what adb makes is taken: RSA with 2048 bits.
/// </summary>
sealed class AdbKey
{
    const int ModulusBytes = 256;
    /// <summary>
    /// Words of the modulus, n0inv, modulus, rr, exponent; n0inv and rr only speed up what others do.
    /// </summary>
    const int Bytes = 4 + 4 + ModulusBytes + ModulusBytes + 4;
    public const int MaxText = 1024;
    readonly RSAParameters _key;

    AdbKey(RSAParameters key, string text) => (_key, Text) = (key, text);

    /// <summary>Without the comment.</summary>
    public string Text { get; }

    /// <summary>What tells keys apart for people.</summary>
    public string Fingerprint => $"SHA256:{Convert.ToBase64String(
        SHA256.HashData(Convert.FromBase64String(Text))).TrimEnd('=')}";

    /// <returns>Null where it is none.</returns>
    public static AdbKey? Parse(string? text)
    {
        if (text is null or { Length: > MaxText })
            return null;
        var word = text.AsSpan().Trim();
        if (word.IndexOfAny(' ', '\t') is >= 0 and var end)
            word = word[..end];
        var bytes = new byte[Bytes];
        if (!Convert.TryFromBase64Chars(word, bytes, out var n) || n != Bytes
            || BinaryPrimitives.ReadInt32LittleEndian(bytes) != ModulusBytes / 4)
            return null;
        var modulus = bytes.AsSpan(8, ModulusBytes).ToArray();
        Array.Reverse(modulus);
        var exponent = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Bytes - 4));
        if (modulus[0] < 0x80 || modulus[^1] % 2 == 0 || exponent is not (3 or 65537))
            return null;
        return new(new() { Modulus = modulus, Exponent = exponent == 3 ? [3] : [1, 0, 1] }, word.ToString());
    }

    /// <param name="token">The 20 bytes that were asked to be signed; they stand in place of a SHA-1 hash.</param>
    public bool HasSigned(ReadOnlySpan<byte> token, ReadOnlySpan<byte> signature)
    {
        using var rsa = RSA.Create(_key);
        return signature.Length == ModulusBytes
            && rsa.VerifyHash(token, signature, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
    }
}
