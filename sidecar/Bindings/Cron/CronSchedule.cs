using CloudPhone.Sidecar.Resources;
using Cronos;

namespace CloudPhone.Sidecar.Bindings.Cron;

/// <summary>Five or six fields (seconds first), a descriptor like @hourly, or <c>@every 1m30s</c>.</summary>
sealed class CronSchedule
{
    const string Every = "@every ";

    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly CronExpression? _expression;
    readonly TimeSpan _interval;

    CronSchedule(CronExpression? expression, TimeSpan interval) => (_expression, _interval) = (expression, interval);

    /// <exception cref="FormatException">No schedule.</exception>
    public static CronSchedule Parse(string text)
    {
        text = text.Trim();
        if (text.StartsWith(Every, StringComparison.Ordinal))
            return new(null, Interval(text[Every.Length..]));
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        try
        {
            return new(
                CronExpression.Parse(text, fields == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard), default);
        }
        catch (CronFormatException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>The next tick after that time, on a whole second; null: never again.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone) => _expression is null
        ? new DateTimeOffset(after.Ticks - after.Ticks % Second.Ticks, after.Offset) + _interval
        : _expression.GetNextOccurrence(after, zone);

    static TimeSpan Interval(string text)
    {
        if (!GoDuration.TryParse(text, TimeSpan.Zero, out var interval) || interval <= TimeSpan.Zero)
            throw new FormatException($"'{text.Trim()}' is no duration like 1m30s");
        var whole = TimeSpan.FromSeconds(Math.Floor(interval.TotalSeconds));
        return whole > Second ? whole : Second;
    }
}
