using System.Globalization;
using System.Text.RegularExpressions;

namespace CloudPhone.Sidecar.Resources;

/// <summary>Durations as Go writes them: 1h30m, 500ms, 1.5s, and bare numbers in a unit that depends on the place (dapr.md 14.22).</summary>
public static partial class GoDuration
{
    [GeneratedRegex(@"\G(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();

    public static bool TryParse(string text, TimeSpan bareUnit, out TimeSpan duration)
    {
        duration = default;
        text = text.Trim();
        var sign = 1;
        if (text.StartsWith('-') || text.StartsWith('+'))
        {
            sign = text[0] == '-' ? -1 : 1;
            text = text[1..];
        }
        if (text.Length == 0)
            return false;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bare))
            return FromSeconds(sign * bare * bareUnit.TotalSeconds, out duration);

        var seconds = 0.0;
        var at = 0;
        for (var m = Part().Match(text); m.Success; m = Part().Match(text, at))
        {
            seconds += double.Parse(m.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)
                * m.Groups[2].Value switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "ns" => 1e-9, _ => 1e-6 };
            at = m.Index + m.Length;
        }
        return at == text.Length && FromSeconds(sign * seconds, out duration);
    }

    static bool FromSeconds(double seconds, out TimeSpan duration)
    {
        var fits = Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds;
        duration = fits ? TimeSpan.FromSeconds(seconds) : default;
        return fits;
    }
}
