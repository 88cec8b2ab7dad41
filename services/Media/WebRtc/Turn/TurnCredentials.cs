using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Media.WebRtc.Turn;

/// <summary>
/// For a relay that shares a secret with us (coturn's use-auth-secret): a name that says when it ends, and its HMAC as
/// the password. Nobody is asked, and nothing is kept.
/// </summary>
sealed record TurnCredentials(string Username, string Password, DateTimeOffset ValidUntil)
{
    /// <param name="user">Shown in the relay's log.</param>
    public static TurnCredentials Make(string secret, string user, TimeSpan life, DateTimeOffset now)
    {
        var until = now + life;
        var name = $"{until.ToUnixTimeSeconds()}:{user}";
        var hash = HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(name));
        return new(name, Convert.ToBase64String(hash), until);
    }
}
