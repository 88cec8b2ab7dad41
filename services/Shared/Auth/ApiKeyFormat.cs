using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// How API keys are written: <c>cpk_</c>, 8 letters and digits by which its owner knows it, <c>_</c>, and 43 that are
/// secret (256 bits).
/// </summary>
public static class ApiKeyFormat
{
    /// <summary>Where a key can be shown instead of <c>Authorization: Bearer</c>.</summary>
    public const string Header = "X-Api-Key";
    /// <summary>What all keys begin with, so that one that was published by mistake is found.</summary>
    public const string Start = "cpk_";
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const int NameLength = 8;
    const int SecretLength = 43;
    static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);
    static readonly int PrefixLength = Start.Length + NameLength;

    /// <summary>A new key. It is kept nowhere: only its prefix and hash are.</summary>
    public static string New() =>
        $"{Start}{RandomNumberGenerator.GetString(Alphabet, NameLength)}_"
            + RandomNumberGenerator.GetString(Alphabet, SecretLength);

    /// <summary>What may be shown of it.</summary>
    public static string PrefixOf(string key) => key[..PrefixLength];

    /// <summary>SHA-256, in hex: with 256 bits nothing slower is needed.</summary>
    public static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>It could be a key. What could not need be looked up nowhere.</summary>
    public static bool IsKey(string text) =>
        text.Length == PrefixLength + 1 + SecretLength && text.StartsWith(Start, StringComparison.Ordinal)
        && text[PrefixLength] == '_'
        && !text.AsSpan(Start.Length, NameLength).ContainsAnyExcept(Allowed)
        && !text.AsSpan(PrefixLength + 1).ContainsAnyExcept(Allowed);
}
