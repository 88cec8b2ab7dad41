using System.Globalization;
using System.Security.Cryptography;

namespace CloudPhone.Users.Passwords;

/// <summary>
/// PBKDF2 with HMAC-SHA-512, kept as <c>$pbkdf2-sha512$i=ROUNDS$SALT$HASH</c> so that the rounds can grow later.
/// </summary>
sealed record PasswordHash(int Iterations, byte[] Salt, byte[] Hash)
{
    const string Scheme = "pbkdf2-sha512";
    const int SaltBytes = 16;
    const int HashBytes = 32;

    /// <summary>Takes some 200 ms of a core with 210 000 rounds.</summary>
    public static PasswordHash Compute(string password, int iterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new(iterations, salt, Derive(password, salt, iterations));
    }

    public bool Matches(string password) =>
        CryptographicOperations.FixedTimeEquals(Derive(password, Salt, Iterations), Hash);

    static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, HashBytes);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"${Scheme}$i={Iterations}${Convert.ToBase64String(Salt)}${Convert.ToBase64String(Hash)}");

    public static PasswordHash Parse(string kept) =>
        kept.Split('$') is ["", Scheme, ['i', '=', .. var iterations], var salt, var hash]
            ? new(
                int.Parse(iterations, CultureInfo.InvariantCulture),
                Convert.FromBase64String(salt), Convert.FromBase64String(hash))
            : throw new FormatException("This is no password hash of ours.");
}
