using System.Globalization;
using System.Text.RegularExpressions;

namespace CloudPhone.Sidecar.Runner.Template;

/// <summary>
/// Sizes as Kubernetes writes them: 512, 16Ki, 4Mi, 1.5Gi, 10M, 1e6. A negative one means "no limit" and reads as -1.
/// </summary>
static partial class Quantity
{
    [GeneratedRegex(@"^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        if (Pattern().Match(text) is not { Success: true } m)
            return false;
        var unit = m.Groups[2].Value switch
        {
            "Ki" => 1L << 10,
            "Mi" => 1L << 20,
            "Gi" => 1L << 30,
            "Ti" => 1L << 40,
            "k" => 1e3,
            "M" => 1e6,
            "G" => 1e9,
            "T" => 1e12,
            _ => 1,
        };
        var value = unit * double.Parse(m.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
        bytes = value < 0 ? -1 : (long)Math.Min(Math.Ceiling(value), long.MaxValue / 2);
        return true;
    }
}
