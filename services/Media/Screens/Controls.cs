using CloudPhone.Media.Sessions;

namespace CloudPhone.Media.Screens;

/// <summary>Who of a phone's viewers has the controls: one at a time.</summary>
sealed class Controls
{
    /// <summary>Who did nothing for so long loses them to whoever asks.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    LiveSession? _holder;
    DateTimeOffset _usedAt;

    /// <summary>They are in another hand.</summary>
    public event Action? Changed;

    public LiveSession? Holder
    {
        get
        {
            lock (_lock)
                return _holder;
        }
    }

    /// <summary>Before each use.</summary>
    /// <returns>False: somebody else has them.</returns>
    public bool Use(LiveSession session, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_holder != session)
                return false;
            _usedAt = now;
            return true;
        }
    }

    /// <summary>Free ones go to whoever comes first; on demand the owner gets them from a guest at once, and everybody
    /// from one who does nothing with them.</summary>
    /// <param name="onDemand">Asked for, not only found free.</param>
    public bool Take(LiveSession session, DateTimeOffset now, bool onDemand)
    {
        lock (_lock)
        {
            if (_holder == session)
                return true;
            var mayTake = session.MayControl && (_holder is null || (onDemand
                && (!session.IsGuest || now - _usedAt >= IdleLimit)));
            if (!mayTake)
                return false;
            (_holder, _usedAt) = (session, now);
        }
        Changed?.Invoke();
        return true;
    }

    public void Release(LiveSession session)
    {
        lock (_lock)
        {
            if (_holder != session)
                return;
            _holder = null;
        }
        Changed?.Invoke();
    }
}
