namespace CloudPhone.Devices.Lifecycle;

/// <summary>The states of a phone, as the API shows them.</summary>
public enum DeviceStatus
{
    Creating,
    Starting,
    Running,
    Stopping,
    Stopped,
    Recovering,
    Error,
    /// <summary>Given up: recovery did not help.</summary>
    Failed,
    Deleting,
}

/// <summary>What makes a phone change its state: a command, or what was seen of it.</summary>
public enum Trigger
{
    Start,
    Stop,
    Restart,
    Delete,
    /// <summary>Creation can't go on and is undone.</summary>
    CreationFailed,
    Booted,
    BootTimedOut,
    Stopped,
    Crashed,
    Recover,
    GiveUp,
    Removed,
    /// <summary>What was planned for this moment was left out: the state stays.</summary>
    Planned,
}
