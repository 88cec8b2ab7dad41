using CloudPhone.Contracts;

namespace CloudPhone.Media.Sessions;

static class DeviceEvents
{
    public static Task OnStopped(DeviceStopped e, LiveSessions sessions) =>
        EndAsync(sessions, e.DeviceId, EndReasons.DeviceStopped);

    public static Task OnDeleted(DeviceDeleted e, LiveSessions sessions) =>
        EndAsync(sessions, e.DeviceId, EndReasons.DeviceDeleted);

    static Task EndAsync(LiveSessions sessions, Guid deviceId, string reason)
    {
        sessions.EndAll(s => s.Right.DeviceId == deviceId, reason);
        return Task.CompletedTask;
    }
}
