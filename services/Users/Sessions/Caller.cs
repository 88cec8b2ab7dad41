using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace CloudPhone.Users.Sessions;

/// <summary>From where a request comes.</summary>
/// <param name="IpAddress">The gateway sets the header anew and puts the client first; sidecars only add to its
/// end.</param>
/// <param name="Agent">What the client says that it is, cut off where it is long.</param>
/// <param name="Fingerprint">Hash of address and agent.</param>
sealed record Caller(string? IpAddress, string? Agent, string Fingerprint)
{
    public const int MaxAgentLength = 200;

    public static ValueTask<Caller?> BindAsync(HttpContext http) => new(Of(http));

    public static Caller Of(HttpContext http)
    {
        var first = http.Request.Headers["X-Forwarded-For"].ToString().Split(',')[0].Trim();
        var address = IPAddress.TryParse(first, out var forwarded) ? forwarded : http.Connection.RemoteIpAddress;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{address}\n{http.Request.Headers.UserAgent}"));
        var agent = string.Concat(http.Request.Headers.UserAgent.ToString().Take(MaxAgentLength)
            .Select(c => char.IsControl(c) ? ' ' : c));
        return new(address?.ToString(), agent.Length > 0 ? agent : null, Convert.ToHexString(hash));
    }
}
