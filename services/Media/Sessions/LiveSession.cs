using CloudPhone.Media.Screens;
using CloudPhone.Media.WebRtc;

namespace CloudPhone.Media.Sessions;

/// <summary>A session that plays here. It lives while a way leads to its viewer: pictures by UDP, a socket, or
/// both.</summary>
/// <param name="claim">By which it was let in, to be asked again.</param>
/// <param name="login">The viewer's login or API key, which may end before the session; null for a share.</param>
/// <param name="peer">Null: the viewer takes its pictures from its socket alone.</param>
/// <param name="now">When it began.</param>
sealed class LiveSession(
    Guid id, PhoneClaim claim, PhoneRight right, Guid? login, SessionToken token, PhoneScreen screen, Peer? peer,
    DateTimeOffset now)
{
    /// <summary>One, and those of a page that is loaded again before its old one is known to be gone.</summary>
    const int MaxSockets = 4;

    readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();
    DateTimeOffset _seenAt = now;
    int _sockets;
    long _socketBytes;

    public Guid Id => id;
    public PhoneClaim Claim => claim;
    public PhoneRight Right => right;
    public Guid? Login => login;
    public SessionToken Token => token;
    public PhoneScreen Screen => screen;
    public Peer? Peer => peer;

    public bool MayControl => right.Access == ScreenAccess.Control;

    /// <summary>Whoever has a right of the user's own takes the controls from guests.</summary>
    public bool IsGuest => right.ShareId is not null;

    /// <summary>Why it is over; null: it is not.</summary>
    public string? EndReason { get; private set; }

    public Task Over => _over.Task;

    /// <summary>Whether its beginning could be written down or not: its end comes after that.</summary>
    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Of pictures, sent to the viewer.</summary>
    public long Bytes => Volatile.Read(ref _socketBytes) + (peer?.Statistics().Bytes ?? 0);

    public void CountSocketBytes(long bytes) => Interlocked.Add(ref _socketBytes, bytes);

    public bool HasSocket => Volatile.Read(ref _sockets) > 0;

    /// <summary>Until <see cref="SocketClosed"/>.</summary>
    /// <returns>False: there are as many as may be.</returns>
    public bool TryOpenSocket()
    {
        if (Interlocked.Increment(ref _sockets) <= MaxSockets)
            return true;
        SocketClosed();
        return false;
    }

    public void SocketClosed() => Interlocked.Decrement(ref _sockets);

    /// <summary>For how long no way has led to the viewer, as far as is known.</summary>
    public TimeSpan LoneFor(DateTimeOffset time)
    {
        lock (_lock)
        {
            if (HasSocket || peer is { End: PeerEnd.None, IsPlaying: true })
                _seenAt = time;
            return time - _seenAt;
        }
    }

    public void End(string reason)
    {
        EndReason = reason;
        _over.TrySetResult();
    }
}
