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

    /// <param name="failed">Is told what a send came to that was not done, as where the backplane is away.</param>
    /// <returns>False where too many sends to the group are still under way.</returns>
    public bool TryStart(string group, Func<Task> send, Action<Exception> failed)
    {
        if (_underWay.GetValueOrDefault(group) >= MaxUnderWay)
            return false;
        _underWay.AddOrUpdate(group, 1, (_, n) => n + 1);
        _ = RunAsync(group, send, failed);
        return true;
    }

    async Task RunAsync(string group, Func<Task> send, Action<Exception> failed)
    {
        try
        {
            await send();
        }
        catch (Exception e)
        {
            failed(e);
        }
        if (_underWay.AddOrUpdate(group, 0, (_, n) => n - 1) <= 0)
            _underWay.TryRemove(new(group, 0));
    }
}
