using CloudPhone.Media.Input;
using CloudPhone.Media.Sessions;

namespace CloudPhone.Media.Screens;

/// <summary>Who of a phone's viewers has the controls: one at a time.</summary>
sealed class Controls
{
    /// <summary>Who did nothing for so long loses them to whoever asks.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    readonly Dictionary<string, InputMessage> _held = [];
    LiveSession? _holder;
    DateTimeOffset _usedAt;

    /// <summary>They are in another hand.</summary>
    public event Action? Changed;

    /// <summary>What is to be lifted, as whoever had them can't do it any more.</summary>
    public event Action<IReadOnlyList<InputMessage>>? LetGo;

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

    /// <summary>What was done by whoever has them: a finger that is down, or a key that is held, stays so until it is
    /// lifted.</summary>
    public void Note(InputMessage message)
    {
        if (message.Held is not { } key)
            return;
        lock (_lock)
            if (message.Action is InputAction.Down or InputAction.Move)
                _held[key] = message.Lifted();
            else
                _held.Remove(key);
    }

    /// <summary>Free ones go to whoever comes first. On demand a user gets them from a guest, and from another page of
    /// the same user's, at once; and everybody from one who does nothing with them.</summary>
    /// <param name="onDemand">Asked for, not only found free.</param>
    public bool Take(LiveSession session, DateTimeOffset now, bool onDemand)
    {
        List<InputMessage> held;
        lock (_lock)
        {
            if (_holder == session)
                return true;
            if (!session.MayControl || session.Over.IsCompleted
                || (_holder is { } holder && !(onDemand && MayTake(session, holder, now))))
                return false;
            (_holder, _usedAt) = (session, now);
            held = TakeHeld();
        }
        Tell(held);
        return true;
    }

    bool MayTake(LiveSession session, LiveSession holder, DateTimeOffset now) => now - _usedAt >= IdleLimit
        || (!session.IsGuest && (holder.IsGuest || holder.Claim.UserId == session.Claim.UserId));

    public void Release(LiveSession session)
    {
        List<InputMessage> held;
        lock (_lock)
        {
            if (_holder != session)
                return;
            _holder = null;
            held = TakeHeld();
        }
        Tell(held);
    }

    List<InputMessage> TakeHeld()
    {
        List<InputMessage> held = [.. _held.Values];
        _held.Clear();
        return held;
    }

    void Tell(List<InputMessage> held)
    {
        if (held.Count > 0)
            LetGo?.Invoke(held);
        Changed?.Invoke();
    }
}
