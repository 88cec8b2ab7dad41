using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Users.Sessions;

/// <summary>From where a request comes.</summary>
/// <param name="IpAddress">The gateway sets the header anew and puts the client first; sidecars only add to its
/// end.</param>
/// <param name="Fingerprint">Hash of address and agent.</param>
sealed record Caller(string? IpAddress, string Fingerprint)
{
    public static ValueTask<Caller?> BindAsync(HttpContext http) => new(Of(http));

    public static Caller Of(HttpContext http)
    {
        var first = http.Request.Headers["X-Forwarded-For"].ToString().Split(',')[0].Trim();
        var address = IPAddress.TryParse(first, out var forwarded) ? forwarded : http.Connection.RemoteIpAddress;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{address}\n{http.Request.Headers.UserAgent}"));
        return new(address?.ToString(), Convert.ToHexString(hash));
    }
}
