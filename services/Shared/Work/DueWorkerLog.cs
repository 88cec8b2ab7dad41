using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Work;

static partial class DueWorkerLog
{
    [LoggerMessage(101, LogLevel.Warning, "{What} was interrupted and goes on in {Pause}: {Reason}")]
    public static partial void Interrupted(ILogger log, string what, TimeSpan pause, string reason);

    [LoggerMessage(102, LogLevel.Warning, "{What} {Id} failed at try {Attempt}, the next is in {Pause}: {Reason}")]
    public static partial void Failed(
        ILogger log, string what, Guid id, int attempt, TimeSpan pause, string reason);

    [LoggerMessage(103, LogLevel.Warning, "{What} {Id} is done, but can't be saved yet: {Reason}")]
    public static partial void NotSaved(ILogger log, string what, Guid id, string reason);

    [LoggerMessage(104, LogLevel.Information, "{What} {Id} is in other hands by now, its result is left out")]
    public static partial void Lost(ILogger log, string what, Guid id);

    [LoggerMessage(105, LogLevel.Warning, "{What} {Id} is taken up again when its lease is over: {Reason}")]
    public static partial void Dropped(ILogger log, string what, Guid id, string reason);
}
