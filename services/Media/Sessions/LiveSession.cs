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
    readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();
    DateTimeOffset _seenAt = now;
    TaskCompletionSource? _socket;
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

    /// <summary>Whoever begins a recording of it: there is one at a time.</summary>
    public SemaphoreSlim RecordingTurn { get; } = new(1, 1);

    /// <summary>Of pictures, sent to the viewer.</summary>
    public long Bytes => Volatile.Read(ref _socketBytes) + (peer?.Statistics().Bytes ?? 0);

    public void CountSocketBytes(long bytes) => Interlocked.Add(ref _socketBytes, bytes);

    public bool HasSocket => Volatile.Read(ref _socket) is not null;

    /// <summary>A new one takes the place of the old: a page that is loaded again comes before its old one is known to
    /// be gone.</summary>
    /// <returns>Completes when another takes its place.</returns>
    public TaskCompletionSource OpenSocket()
    {
        var socket = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _socket, socket)?.SetResult();
        return socket;
    }

    /// <returns>False: another had taken its place.</returns>
    public bool CloseSocket(TaskCompletionSource socket) =>
        Interlocked.CompareExchange(ref _socket, null, socket) == socket;

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
