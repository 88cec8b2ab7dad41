using CloudPhone.Devices.Providers;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>What is wrong with a phone.</summary>
/// <param name="ErrorType">A stable word of <c>device.error</c>.</param>
/// <param name="At">Since when; null: since it was found.</param>
sealed record Fault(string ErrorType, string Priority = "HIGH", DateTimeOffset? At = null)
{
    public static readonly Fault BootTimedOut = new("BOOT_TIMED_OUT");
    public static readonly Fault StartFailed = new("START_FAILED");
    /// <summary>Its container runs, and its adbd can't be reached.</summary>
    public static readonly Fault AdbDisconnected = new("ADB_DISCONNECTED");
    /// <summary>Its adbd is there, and Android doesn't answer.</summary>
    public static readonly Fault NotResponding = new("NOT_RESPONDING");

    public static Fault NodeDown(DateTimeOffset at) => new("NODE_DOWN", At: at);

    /// <summary>Usage ends when it ended, not when that was found.</summary>
    public static Fault ContainerCrashed(DateTimeOffset? at) => new("CONTAINER_CRASHED", At: at);

    /// <summary>A planned stop of the platform is nothing to be woken for.</summary>
    public static Fault HostStopped(DateTimeOffset at) => new("HOST_STOPPED", "LOW", at);

    /// <summary>Of a phone that is off and should not be; with why, for people.</summary>
    public static (Fault Fault, string Reason) OfEnd(PhoneEnd? end) => end is { IsOrderly: true }
        ? (HostStopped(end.At), "The phone was shut down with its host.")
        : (ContainerCrashed(end?.At), "The phone's container has ended.");
}
