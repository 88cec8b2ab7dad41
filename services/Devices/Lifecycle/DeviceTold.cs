using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Which events a change of state publishes. Each has a version of its own.</summary>
/// <param name="at">When the change happened.</param>
readonly struct DeviceTold(Device d, Outbox outbox, DateTimeOffset at)
{
    public void Tell(DeviceStatus from, Trigger trigger, string? reason, Fault? fault)
    {
        switch (d.Status, trigger)
        {
            case (DeviceStatus.Running, _):
                TellRunning(from);
                break;
            case (DeviceStatus.Stopped, _):
                d.StartedAt = null;
                outbox.Add(new DeviceStopped(d.Id, d.UserId, d.Name, reason ?? StopReasons.User, at, NextVersion()));
                break;
            case (DeviceStatus.Error, _) when from != DeviceStatus.Recovering:
                if (fault == Fault.AdbDisconnected)
                {
                    outbox.Add(new DeviceConnectionLost(d.Id, d.UserId, d.Name, at, at, NextVersion()));
                    d.Version++; // two events, two versions
                }
                outbox.Add(new DeviceError(
                    d.Id, d.UserId, d.Name, fault!.ErrorType, reason!, fault.Priority, at, NextVersion()));
                break;
            case (DeviceStatus.Failed, _):
                d.StartedAt = null;
                outbox.Add(new DeviceFailed(d.Id, d.UserId, d.Name, reason!, d.RecoveryAttempts, at, NextVersion()));
                break;
            case (_, Trigger.Removed):
                TellGone();
                break;
        }
    }

    void TellRunning(DeviceStatus from)
    {
        if (d.StartedAt is null)
        {
            d.StartedAt = at;
            outbox.Add(new DeviceStarted(
                d.Id, d.UserId, d.Name, d.CpuCores, d.MemoryGB, at, NextVersion(), d.StorageGB));
            if (from == DeviceStatus.Recovering)
                d.Version++; // two events, two versions
        }
        if (from == DeviceStatus.Recovering)
            outbox.Add(new DeviceRecovered(d.Id, d.UserId, d.Name, d.RecoveryMethod ?? RecoveryMethods.Restart,
                d.RecoveryAttempts, at, NextVersion()));
    }

    /// <summary>A creation that was refused at once was answered; one that was given up later is told.</summary>
    void TellGone()
    {
        var isAnnounced = d.Step == CreationStep.Announced;
        if (d.FailureCode is { } code && !(d.Step == CreationStep.Requested && CreationFailures.IsAnswered(code)))
        {
            outbox.Add(new DeviceCreationFailed(d.Id, d.UserId, d.Name, code, d.FailureReason!, at, NextVersion()));
            if (isAnnounced)
                d.Version++;
        }
        if (isAnnounced)
            outbox.Add(new DeviceDeleted(d.Id, d.UserId, d.Name, d.CpuCores, d.MemoryGB, at, NextVersion(), d.NodeId));
    }

    /// <summary>What the version will be once the change is saved.</summary>
    long NextVersion() => d.Version + 1;
}

static class StopReasons
{
    public const string User = "user";
    public const string Operator = "operator";
    public const string Balance = "balance";
    public const string Schedule = "schedule";
    public const string Suspended = "suspended";
    public const string Snapshot = "snapshot";
}

/// <summary>Why a creation was given up, as stable words.</summary>
static class CreationFailures
{
    public const string QuotaExceeded = "quota-exceeded";
    public const string QuotaUnavailable = "quota-unavailable";
    public const string NoCapacity = "no-capacity";
    public const string NoReservation = "no-reservation";
    public const string ReservationNotReady = "reservation-not-ready";
    public const string ReservationDiffers = "reservation-differs";
    public const string Unavailable = "unavailable";
    public const string ProviderFailed = "provider-failed";
    public const string BootTimedOut = "boot-timed-out";
    public const string Cancelled = "cancelled";

    /// <summary>The caller had this as the answer before anything was made: there is nothing to tell.</summary>
    public static bool IsAnswered(string code) => code is QuotaExceeded or QuotaUnavailable;
}
