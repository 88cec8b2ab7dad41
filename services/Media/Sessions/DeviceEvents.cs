using CloudPhone.Contracts;

namespace CloudPhone.Media.Sessions;

static class DeviceEvents
{
    /// <summary>It may run again by now, or be on its way, as in a restart: the device service is asked at
    /// once.</summary>
    public static Task OnStopped(DeviceStopped e, LiveSessions sessions)
    {
        if (sessions.All.Any(s => s.Right.DeviceId == e.DeviceId))
            sessions.Doubted.Wake();
        return Task.CompletedTask;
    }

    public static Task OnDeleted(DeviceDeleted e, LiveSessions sessions)
    {
        sessions.EndAll(s => s.Right.DeviceId == e.DeviceId, EndReasons.DeviceDeleted);
        return Task.CompletedTask;
    }
}
