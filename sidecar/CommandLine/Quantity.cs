using System.Globalization;

namespace CloudPhone.Sidecar.CommandLine;

/// <summary>Sizes as Kubernetes writes them: 4Mi, 500k, 1024.</summary>
static class Quantity
{
    static readonly (string Suffix, long Bytes)[] Units =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40),
        ("k", 1_000), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
    ];

    public static bool TryParse(string text, out long bytes)
    {
        text = text.Trim();
        var unit = Units.FirstOrDefault(u => text.EndsWith(u.Suffix, StringComparison.Ordinal));
        var number = unit.Suffix is null ? text : text[..^unit.Suffix.Length];
        bytes = 0;
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!decimal.TryParse(number, Styles, CultureInfo.InvariantCulture, out var value)
            || Math.Abs(value) * Math.Max(1, unit.Bytes) > long.MaxValue)
            return false;
        bytes = (long)(value * Math.Max(1, unit.Bytes));
        return true;
    }
}
