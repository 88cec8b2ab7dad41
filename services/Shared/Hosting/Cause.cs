using System.Diagnostics;

namespace CloudPhone.Shared.Hosting;

/// <summary>What stored work goes on in when it is taken up later: the request and the trace that caused it.</summary>
public static class Cause
{
    /// <summary>The trace of what runs now, in the form that is stored; null outside of one.</summary>
    public static string? TraceParent => Activity.Current?.Id is { Length: <= 64 } id ? id : null;

    /// <summary>
    /// From here on log lines, calls and events belong to that request, and to that trace until the activity is
    /// disposed.
    /// </summary>
    public static Activity? Resume(
        string what, string? requestId, string? traceParent, ActivityKind kind = ActivityKind.Internal)
    {
        RequestId.Current = requestId ?? RequestId.New();
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        return Telemetry.Source.StartActivity(what, kind, parent);
    }
}
