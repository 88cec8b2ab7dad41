using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Media.WebRtc.Ice;

/// <summary>
/// What one side of a session is known by, and signs with. Ours has a name of exactly 8 characters, so that looking a
/// session up is the comparison of two numbers.
/// </summary>
sealed record IceCredentials(string Ufrag, string Password)
{
    public const int UfragLength = 8;
    const int PasswordLength = 32;
    const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    public static IceCredentials New() =>
        new(RandomNumberGenerator.GetString(Characters, UfragLength),
            RandomNumberGenerator.GetString(Characters, PasswordLength));

    public byte[] Key { get; } = Encoding.ASCII.GetBytes(Password);

    public ulong Number => BinaryPrimitives.ReadUInt64BigEndian(Encoding.ASCII.GetBytes(Ufrag));

    /// <param name="username">Of a request.</param>
    /// <returns>The number of the session that it is for; 0: of none of ours.</returns>
    public static ulong NumberIn(ReadOnlySpan<byte> username) =>
        username.Length > UfragLength && username[UfragLength] == ':'
            ? BinaryPrimitives.ReadUInt64BigEndian(username) : 0;
}
