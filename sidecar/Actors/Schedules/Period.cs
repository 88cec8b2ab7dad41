using System.Globalization;
using System.Text.RegularExpressions;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Actors.Schedules;

/// <summary>
/// A span as apps write it: a Go duration (<c>0h0m5s0ms</c>) or ISO 8601 (<c>P1DT2H</c>), with repetitions
/// <c>R3/PT5S</c>.
/// </summary>
/// <param name="Repeats">How often it happens at all; null: without end.</param>
sealed partial record Period(int Years, int Months, int Days, TimeSpan Time, int? Repeats)
{
    [GeneratedRegex(@"^(?:R(\d+)/)?P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
        + @"(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Iso();

    public bool IsZero => Years == 0 && Months == 0 && Days == 0 && Time == TimeSpan.Zero;

    /// <summary>Longer parts than hours are not the same length each time.</summary>
    public bool HasCalendarParts => Years != 0 || Months != 0 || Days != 0;

    /// <exception cref="FormatException">It is neither, negative, or too long.</exception>
    public static Period Parse(string text)
    {
        try
        {
            if (Iso().Match(text) is { Success: true } m)
                return new(Number(m, 2), Number(m, 3), checked(Number(m, 4) * 7 + Number(m, 5)),
                    new TimeSpan(Number(m, 6), Number(m, 7), 0) + Seconds(m), Repetitions(m));
        }
        catch (OverflowException)
        {
            throw new FormatException($"unsupported duration format: {text}");
        }
        var bareNumber = text != "0" && text.All(char.IsAsciiDigit);
        return !bareNumber && GoDuration.TryParse(text, TimeSpan.FromSeconds(1), out var d) && d >= TimeSpan.Zero
            ? new(0, 0, 0, d, null)
            : throw new FormatException($"unsupported duration format: {text}");
    }

    /// <summary>Null: beyond the calendar.</summary>
    public DateTimeOffset? After(DateTimeOffset t)
    {
        try
        {
            return t.AddMonths(checked(Years * 12 + Months)).AddDays(Days) + Time;
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>
    /// The first repetition after <paramref name="now"/>, counted from when it was due: what was missed is not made up.
    /// The end of all days where it is beyond them.
    /// </summary>
    public DateTimeOffset NextAfter(DateTimeOffset due, DateTimeOffset now)
    {
        if (!HasCalendarParts && now - due >= Time)
            due += Time * Math.Floor((now - due) / Time);
        var next = After(due);
        while (next <= now)
            next = After(next.Value);
        return next ?? DateTimeOffset.MaxValue;
    }

    static int Number(Match m, int group) =>
        m.Groups[group].Success ? int.Parse(m.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;

    static TimeSpan Seconds(Match m) => m.Groups[8].Success
        ? TimeSpan.FromSeconds(double.Parse(m.Groups[8].ValueSpan, CultureInfo.InvariantCulture))
        : TimeSpan.Zero;

    static int? Repetitions(Match m) => !m.Groups[1].Success
        ? null
        : Number(m, 1) is var n and > 0 ? n : throw new FormatException("repetitions must be at least one");
}
