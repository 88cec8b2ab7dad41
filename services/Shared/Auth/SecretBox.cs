using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// Keeps what must be readable again, but not by who has only the database: AES-256-GCM with a key of JWT_SECRET.
/// </summary>
/// <param name="purpose">Each has a key of its own: what was sealed for one is opened by no other.</param>
public sealed class SecretBox(JwtSettings jwt, string purpose)
{
    const int KeyBytes = 32;
    const int NonceBytes = 12;
    const int TagBytes = 16;

    readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, jwt.Key.Key, KeyBytes, info: Encoding.UTF8.GetBytes($"cloudphone {purpose}"));

    /// <param name="about">What it belongs to, like a row's id: moved to another one, it can't be opened.</param>
    public byte[] Seal(ReadOnlySpan<byte> clear, string about)
    {
        var box = new byte[NonceBytes + clear.Length + TagBytes];
        var nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, clear, box.AsSpan(NonceBytes, clear.Length), box.AsSpan(^TagBytes..),
            Encoding.UTF8.GetBytes(about));
        return box;
    }

    /// <returns>Null: it was sealed for something else, with another JWT_SECRET, or has been changed.</returns>
    public byte[]? Open(ReadOnlySpan<byte> box, string about)
    {
        if (box.Length < NonceBytes + TagBytes)
            return null;
        var clear = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        try
        {
            aes.Decrypt(box[..NonceBytes], box[NonceBytes..^TagBytes], box[^TagBytes..], clear,
                Encoding.UTF8.GetBytes(about));
            return clear;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>A fingerprint that nobody can try guesses against who has not the key.</summary>
    public IncrementalHash Fingerprint() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
}
