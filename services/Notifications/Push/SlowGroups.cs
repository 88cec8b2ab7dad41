using System.Collections.Concurrent;

namespace CloudPhone.Notifications.Push;

/// <summary>
/// Starts sends without waiting for them, so that one slow client holds up nobody, and not without end, so that it
/// fills no memory.
/// </summary>
sealed class SlowGroups
{
    const int MaxUnderWay = 64;
    readonly ConcurrentDictionary<string, int> _underWay = new();

    /// <returns>False where too many sends to the group are still under way.</returns>
    public bool TryStart(string group, Func<Task> send)
    {
        if (_underWay.GetValueOrDefault(group) >= MaxUnderWay)
            return false;
        var sending = send();
        if (sending.IsCompleted)
            return true;
        _underWay.AddOrUpdate(group, 1, (_, n) => n + 1);
        _ = sending.ContinueWith(_ => Ended(group), TaskScheduler.Default);
        return true;
    }

    void Ended(string group)
    {
        if (_underWay.AddOrUpdate(group, 0, (_, n) => n - 1) <= 0)
            _underWay.TryRemove(new(group, 0));
    }
}
