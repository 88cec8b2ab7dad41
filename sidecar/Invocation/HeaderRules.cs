using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>Which headers pass a sidecar, and how their names are written.</summary>
static class HeaderRules
{
    static readonly FrozenSet<string> HopByHop = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "TE",
        "Trailer", "Proxy-Authenticate", "Proxy-Authorization");

    static readonly FrozenSet<string> OwnOfRequests = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "Host", "Content-Length", "Expect", InvocationTarget.Header, Api.TokenGuard.Header);

    public static bool PassesToApp(string name, StringValues connection) =>
        !OwnOfRequests.Contains(name) && !name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase)
        && PassesBack(name, connection);

    public static bool PassesBack(string name, StringValues connection) =>
        !HopByHop.Contains(name) && (connection.Count == 0 || !IsNamed(connection, name));

    /// <summary>As Go writes header names, which apps behind the runtime get: X-Request-Id.</summary>
    public static string Canonical(string name)
    {
        if (IsCanonical(name))
            return name;
        return string.Create(name.Length, name, static (to, from) =>
        {
            var first = true;
            for (var i = 0; i < from.Length; i++)
            {
                to[i] = first ? char.ToUpperInvariant(from[i]) : char.ToLowerInvariant(from[i]);
                first = from[i] == '-';
            }
        });
    }

    static bool IsCanonical(string name)
    {
        var first = true;
        foreach (var c in name)
        {
            if (first ? char.IsAsciiLetterLower(c) : char.IsAsciiLetterUpper(c))
                return false;
            first = c == '-';
        }
        return true;
    }

    static bool IsNamed(StringValues connection, string name)
    {
        foreach (var value in connection)
            foreach (var option in value.AsSpan().Split(','))
                if (value.AsSpan(option).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                    return true;
        return false;
    }
}
