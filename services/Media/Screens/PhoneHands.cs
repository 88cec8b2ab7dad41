using System.Diagnostics.CodeAnalysis;
using CloudPhone.Media.Input;
using CloudPhone.Scrcpy;

namespace CloudPhone.Media.Screens;

/// <summary>What viewers do goes to the phone in its order, also where one scrcpy session takes the place of another:
/// what comes meanwhile waits.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose handle nobody asks for holds nothing.")]
sealed class PhoneHands
{
    readonly SemaphoreSlim _turn = new(1, 1);
    /// <summary>Fingers and keys, as the session knows them.</summary>
    readonly HashSet<string> _down = [];
    volatile ScrcpySession? _session;

    /// <summary>Nothing is held at the moment.</summary>
    public bool AreFree
    {
        get
        {
            lock (_down)
                return _down.Count == 0;
        }
    }

    /// <param name="session">Null: the phone is gone, and with it all that was held.</param>
    public void Use(ScrcpySession? session)
    {
        _session = session;
        lock (_down)
            _down.Clear();
    }

    /// <summary>Where there is no phone at the moment it is lost, as a touch in the air.</summary>
    /// <exception cref="ScrcpyException">The phone is gone.</exception>
    public async ValueTask DoAsync(InputMessage message, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (_session is not { } session)
                return;
            Note(message);
            await PhoneInput.DoAsync(message, session, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>From now on another session is told what viewers do. A finger that is down would come down anew there:
    /// then nothing changes.</summary>
    /// <param name="settle">Until all that was sent so far is done, and the other session in place. However that ends,
    /// </param>
    /// <param name="isInPlace">says at last whether it is.</param>
    public async Task HandOverAsync(
        ScrcpySession next, Func<Task> settle, Func<bool> isInPlace, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (AreFree)
                await settle();
        }
        finally
        {
            if (isInPlace())
                _session = next;
            _turn.Release();
        }
    }

    void Note(InputMessage message)
    {
        if (message.Held is not { } key)
            return;
        lock (_down)
            if (message.Action is InputAction.Down or InputAction.Move)
                _down.Add(key);
            else
                _down.Remove(key);
    }
}
