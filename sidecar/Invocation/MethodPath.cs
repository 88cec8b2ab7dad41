using System.Buffers;
using System.Text;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>What becomes of the path of a call: decoded, cleaned, and encoded anew for the app.</summary>
static class MethodPath
{
    static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+,/:;=@!'()*");

    /// <summary>A rooted path without empty, <c>.</c> and <c>..</c> segments and without a slash at its end.</summary>
    public static string Clean(string decoded)
    {
        if (decoded.Length > 0 && decoded[0] == '/' && (decoded.Length == 1 || decoded[^1] != '/')
            && !decoded.Contains("//", StringComparison.Ordinal) && !decoded.Contains("/.", StringComparison.Ordinal))
            return decoded;
        var kept = new List<string>();
        foreach (var segment in decoded.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (segment == "..")
                kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
            else if (segment != ".")
                kept.Add(segment);
        return "/" + string.Join('/', kept);
    }

    /// <summary>
    /// False for what no method name may have, even encoded: a question mark, a hash, control characters.
    /// </summary>
    public static bool IsValid(string decoded)
    {
        foreach (var c in decoded)
            if (c is '?' or '#' || char.IsControl(c))
                return false;
        return true;
    }

    /// <summary>Percent-encodes; a percent sign stays as it is and so must begin an escape.</summary>
    /// <exception cref="FormatException">A percent sign that begins no escape.</exception>
    public static string Encode(string decoded)
    {
        if (!decoded.AsSpan().ContainsAnyExcept(Plain))
            return decoded;
        var text = new StringBuilder(decoded.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < decoded.Length; i++)
        {
            var c = decoded[i];
            if (Plain.Contains(c))
            {
                text.Append(c);
            }
            else if (c == '%')
            {
                if (i + 2 >= decoded.Length
                    || !char.IsAsciiHexDigit(decoded[i + 1]) || !char.IsAsciiHexDigit(decoded[i + 2]))
                    throw new FormatException($"parse \"{decoded}\": invalid URL escape");
                text.Append(c);
            }
            else
            {
                if (Rune.DecodeFromUtf16(decoded.AsSpan(i), out var rune, out var used) == OperationStatus.Done)
                    i += used - 1;
                foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
                    text.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        return text.ToString();
    }
}
