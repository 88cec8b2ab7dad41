using static CloudPhone.Devices.Lifecycle.DeviceStatus;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>All changes of state that there are. What is not in it is refused.</summary>
static class StateTable
{
    /// <summary>Null stands for gone.</summary>
    public static readonly IReadOnlyDictionary<(DeviceStatus From, Trigger Trigger), DeviceStatus?> Transitions =
        new Dictionary<(DeviceStatus, Trigger), DeviceStatus?>
        {
            [(Creating, Trigger.Booted)] = Running,
            [(Creating, Trigger.BootTimedOut)] = Deleting,
            [(Creating, Trigger.CreationFailed)] = Deleting,
            [(Creating, Trigger.Delete)] = Deleting,

            [(Running, Trigger.Stop)] = Stopping,
            [(Running, Trigger.Restart)] = Stopping,
            [(Running, Trigger.Crashed)] = Error,
            [(Running, Trigger.Delete)] = Deleting,

            [(Stopping, Trigger.Stopped)] = Stopped,
            [(Stopping, Trigger.Delete)] = Deleting,

            [(Stopped, Trigger.Start)] = Starting,
            [(Stopped, Trigger.Delete)] = Deleting,

            [(Starting, Trigger.Booted)] = Running,
            [(Starting, Trigger.BootTimedOut)] = Error,
            [(Starting, Trigger.Crashed)] = Error,
            [(Starting, Trigger.Stop)] = Stopping,
            [(Starting, Trigger.Delete)] = Deleting,

            [(Error, Trigger.Recover)] = Recovering,
            [(Error, Trigger.GiveUp)] = Failed,
            [(Error, Trigger.Stop)] = Stopping,
            [(Error, Trigger.Delete)] = Deleting,

            [(Recovering, Trigger.Booted)] = Running,
            [(Recovering, Trigger.BootTimedOut)] = Error,
            [(Recovering, Trigger.Crashed)] = Error,
            [(Recovering, Trigger.Stop)] = Stopping,
            [(Recovering, Trigger.Delete)] = Deleting,

            [(Failed, Trigger.Start)] = Starting,
            [(Failed, Trigger.Delete)] = Deleting,

            [(Deleting, Trigger.Removed)] = null,
        };

    public static bool Allows(DeviceStatus from, Trigger trigger) => Transitions.ContainsKey((from, trigger));
}
