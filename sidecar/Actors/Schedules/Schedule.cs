using System.Globalization;

namespace CloudPhone.Sidecar.Actors.Schedules;

/// <summary>When a timer or reminder fires: the times that the app wrote, understood.</summary>
/// <param name="Period">Null: once.</param>
/// <param name="ExpiresAt">From then on no more; null: never.</param>
sealed record Schedule(DateTimeOffset FirstAt, Period? Period, DateTimeOffset? ExpiresAt)
{
    /// <param name="dueTime">Empty: at once.</param>
    /// <param name="period">Empty or zero: once.</param>
    /// <param name="ttl">Empty: without end.</param>
    /// <exception cref="FormatException">One of them can't be read, or is over already.</exception>
    public static Schedule Parse(string dueTime, string period, string ttl, DateTimeOffset now)
    {
        var first = Instant(dueTime, "dueTime", now) ?? now;
        var every = period.Length == 0 ? null : Named("period", () => Schedules.Period.Parse(period));
        var end = Instant(ttl, "ttl", now);
        return end <= now
            ? throw new FormatException($"ttl: it is over already: {ttl}")
            : new(first, every is { IsZero: true } ? null : every, end);
    }

    /// <summary>A duration from now, or a time by RFC 3339.</summary>
    static DateTimeOffset? Instant(string text, string field, DateTimeOffset now) => Named<DateTimeOffset?>(field, () =>
    {
        if (text.Length == 0)
            return null;
        if (text[0] is >= '0' and <= '9' && text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return at;
        var span = Schedules.Period.Parse(text);
        return span.Repeats is not null ? throw new FormatException("repetitions are not allowed")
            : span.After(now) ?? throw new FormatException($"it is too far away: {text}");
    });

    static T Named<T>(string field, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException e)
        {
            throw new FormatException($"{field}: {e.Message}");
        }
    }
}
