namespace CloudPhone.Media.Screens;

/// <summary>
/// What a socket's way takes: nobody says so, but where pictures had to be given up twice in a row it is what went out
/// while they waited. Once may be a burst. Where nothing goes out at all, as with a page in the background that does
/// not read, it is no way that fewer bits would fit.
/// </summary>
sealed class SocketPace
{
    /// <summary>Shorter, it is a burst, and says nothing.</summary>
    static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);
    /// <summary>After a drop it takes a key frame, and a second or two, until what waits is too much again.</summary>
    static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    TimeSpan? _since, _droppedAt;
    long _bytes;
    (long Room, TimeSpan At)? _full;

    public void OnWaiting(TimeSpan now) => _since ??= now;

    public void OnSent(long bytes) => _bytes += bytes;

    /// <summary>Nothing waits any more.</summary>
    public void OnIdle() => (_since, _bytes) = (null, 0);

    /// <summary>What waited was given up.</summary>
    public void OnDropped(TimeSpan now)
    {
        if (now - _since is not { } time || time < Least)
            return;
        var isAgain = now - _droppedAt <= Recovery;
        _full = isAgain && _bytes > 0 ? ((long)(8 * _bytes / time.TotalSeconds), now) : null;
        _droppedAt = _bytes > 0 ? now : null;
        (_since, _bytes) = (now, 0);
    }

    /// <summary>Bits per second; null: as much as comes.</summary>
    public long? Room(TimeSpan now) => _full is var (room, at) && now - at <= Recovery ? room : null;
}
