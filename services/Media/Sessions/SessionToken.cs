using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Media.Sessions;

/// <summary>What a session's socket is opened with: a browser can't set headers on one, and a guest has no login. It is
/// of no use for anything else, and is gone with the session.</summary>
readonly record struct SessionToken(string Text)
{
    const int Bytes = 32;

    public static SessionToken New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));

    public bool Is(string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Text), Encoding.UTF8.GetBytes(other));
}
