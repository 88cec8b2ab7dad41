using System.Diagnostics;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Which W3C trace an event and its delivery carry. Without tracing configured the caller's is passed on as it is; with
/// tracing each step is a span of its own; with a sampling rate of 0 the runtime writes none.</summary>
static class EventTrace
{
    /// <summary>For the envelope; "" where there is none. Entries of a bulk start a trace even at rate 0, as the runtime's do.</summary>
    public static string OfPublication(double? samplingRate, string? caller, bool isBulk) => samplingRate switch
    {
        null => IsValid(caller) ? caller! : "",
        0 when !isBulk => "",
        0 => Child(null, 0),
        var rate => Child(caller, rate.Value),
    };

    /// <summary>The header to the app; null where there is none.</summary>
    public static string? OfDelivery(double? samplingRate, string? envelope) => samplingRate switch
    {
        null => IsValid(envelope) ? envelope : null,
        0 => null,
        var rate => Child(envelope, rate.Value),
    };

    static bool IsValid(string? traceParent) => traceParent is not null && ActivityContext.TryParse(traceParent, null, out _);

    /// <summary>Another span of the parent's trace, sampled as the parent is; of a new trace where there is no parent.</summary>
    static string Child(string? parent, double samplingRate)
    {
        var (trace, flags) = parent is not null && ActivityContext.TryParse(parent, null, out var p)
            ? (p.TraceId, p.TraceFlags)
            : (ActivityTraceId.CreateRandom(),
                Random.Shared.NextDouble() < samplingRate ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None);
        return $"00-{trace}-{ActivitySpanId.CreateRandom()}-{(int)flags:x2}";
    }
}
