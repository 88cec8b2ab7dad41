using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Installs;

/// <summary>The data of a phone were replaced by a copy: which apps it has now is to be found out once it runs. The row
/// goes when that is done.</summary>
public sealed class AppSurvey : DueRow
{
    /// <summary>After so many tries, its own or those of what it waits for, nothing waits any more.</summary>
    public const int Patience = 5;

    public Guid DeviceId { get; set; }

    public static AppSurvey Of(Guid deviceId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now), DeviceId = deviceId, NextAttemptAt = now,
        RequestId = Shared.Hosting.RequestId.Current, TraceParent = Cause.TraceParent,
    };
}
