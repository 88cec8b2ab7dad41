using System.Diagnostics;
using CloudPhone.Sidecar.Api;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Which W3C trace an event and its delivery carry: that of the sidecar's span; without tracing configured
/// the one that came; with a sampling rate of 0 none.</summary>
static class EventTrace
{
    /// <summary>
    /// For the envelope; "" where there is none. Entries of a bulk have a trace even at rate 0, as the runtime's do.
    /// </summary>
    public static string OfPublication(TraceContext trace, Activity? span, string? caller, bool isBulk) =>
        trace.SamplingRate switch
        {
            null => IsValid(caller) ? caller! : "",
            0 => isBulk ? TraceContext.NewUnsampled() : "",
            _ => span?.Id ?? TraceContext.NewUnsampled(),
        };

    /// <summary>The header to the app; null where there is none.</summary>
    public static string? OfDelivery(TraceContext trace, Activity? span, string? envelope) =>
        trace.SamplingRate is null ? (IsValid(envelope) ? envelope : null) : span?.Id;

    static bool IsValid(string? traceParent) =>
        traceParent is not null && ActivityContext.TryParse(traceParent, null, out _);
}
