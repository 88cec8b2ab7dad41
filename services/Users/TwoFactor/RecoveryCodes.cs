using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.TwoFactor;

/// <summary>Ten codes for who has lost the app. They have 80 bits: a plain hash of one tells nothing.</summary>
static class RecoveryCodes
{
    public const int Count = 10;
    const int Letters = 16;
    const int Group = 4;
    const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>Replaces those that the user had. They are in force once the changes are saved.</summary>
    /// <returns>What the user is shown, this once.</returns>
    public static async Task<IReadOnlyList<string>> RenewAsync(UsersDb db, Guid userId, CancellationToken ct)
    {
        await db.RecoveryCodes.Where(c => c.UserId == userId).ExecuteDeleteAsync(ct);
        string[] codes =
            [.. Enumerable.Range(0, Count).Select(_ => RandomNumberGenerator.GetString(Alphabet, Letters))];
        db.AddRange(codes.Select(c => new RecoveryCode { UserId = userId, Hash = HashOf(c) }));
        return [.. codes.Select(c => string.Join('-', c.Chunk(Group).Select(g => new string(g))))];
    }

    /// <param name="code">Without spaces and hyphens.</param>
    public static bool IsCode(string code) => code.Length == Letters;

    public static string HashOf(string code) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(code.ToLowerInvariant())));
}
