using System.Globalization;

namespace CloudPhone.Sidecar.Resiliency;

/// <summary>Status codes as <c>matching</c> lists them: <c>429,500-599</c>, without blanks.</summary>
sealed class CodeRanges
{
    readonly (int From, int To)[] _ranges;

    CodeRanges((int, int)[] ranges) => _ranges = ranges;

    public bool Contains(int code) => Array.Exists(_ranges, r => code >= r.From && code <= r.To);

    /// <exception cref="FormatException">A part is no code and no range, or outside <paramref name="least"/> to
    /// <paramref name="most"/>.</exception>
    public static CodeRanges Parse(string text, int least, int most) => new([.. text.Split(',').Select(part =>
    {
        if (part.Any(char.IsWhiteSpace))
            throw new FormatException($"'{part}' has a blank; the list is written without any, like 429,500-599");
        var ends = part.Split('-');
        if (ends.Length > 2 || !Code(ends[0], out var from) || !Code(ends[^1], out var to) || to < from)
            throw new FormatException($"'{part}' is no code or range of codes from {least} to {most}");
        return (from, to);

        bool Code(string digits, out int code) =>
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out code) && code >= least
                && code <= most;
    })]);
}
