using System.Globalization;
using System.Text.RegularExpressions;

namespace CloudPhone.Sidecar.Resources;

/// <summary>Durations as Go writes them: 1h30m, 500ms, 1.5s, and bare numbers in a unit that depends on the
/// place.</summary>
static partial class GoDuration
{
    [GeneratedRegex(@"\G(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();

    /// <param name="bareUnit">The unit of a number without one.</param>
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

    /// <summary>As Go prints a duration: 5s, 500ms, 1m30s.</summary>
    public static string Format(TimeSpan d)
    {
        if (d == TimeSpan.Zero)
            return "0s";
        var sign = d < TimeSpan.Zero ? "-" : "";
        d = d.Duration();
        if (d < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{d.TotalMilliseconds:0.####}ms");
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{d.TotalSeconds % 60:0.#######}s");
        return sign + (d.TotalHours >= 1 ? $"{(long)d.TotalHours}h{d.Minutes}m{seconds}"
            : d.Minutes > 0 ? $"{d.Minutes}m{seconds}" : seconds);
    }

    static bool FromSeconds(double seconds, out TimeSpan duration)
    {
        var fits = Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds;
        duration = fits ? TimeSpan.FromSeconds(seconds) : default;
        return fits;
    }
}
