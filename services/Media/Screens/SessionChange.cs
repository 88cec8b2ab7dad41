using CloudPhone.Adb;
using CloudPhone.Scrcpy;

namespace CloudPhone.Media.Screens;

/// <summary>The session that is to take the place of another one: offered by whoever opened it, taken by whoever reads
/// the video, or withdrawn.</summary>
sealed class SessionChange(AdbConnection phone, ScrcpySession old)
{
    readonly Lock _lock = new();
    readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ScrcpySession? _next;

    public AdbConnection Phone => phone;

    public ScrcpySession Old => old;

    public Task Taken => _taken.Task;

    public void Offer(ScrcpySession next)
    {
        lock (_lock)
            _next = next;
    }

    /// <returns>Whose it is from now on; null: none is offered.</returns>
    public ScrcpySession? Take()
    {
        lock (_lock)
        {
            if (_next is not null)
                _taken.TrySetResult();
            return _next;
        }
    }

    /// <returns>False: it was taken.</returns>
    public bool Withdraw()
    {
        lock (_lock)
        {
            if (Taken.IsCompleted)
                return false;
            _next = null;
            return true;
        }
    }
}
