using CloudPhone.Media.Screens;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.WebRtc.Udp;

namespace CloudPhone.Media.Recordings;

/// <summary>A recording that runs here, from its first key frame to its end.</summary>
sealed class LiveRecording(
    Recording row, LiveSession session, RecordingOptions options, UdpHub hub, TimeProvider clock)
{
    static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    readonly RecordingQueue _queue = new();
    readonly Lock _lock = new();
    VideoSize _size = new(720, 1280);
    TimeSpan _flushedAt;
    long _bytes, _milliseconds;

    public Guid Id => row.Id;

    public Guid SessionId => session.Id;

    /// <summary>Why it ends; null: it does not.</summary>
    public string? Reason { get; private set; }

    public long Bytes => Volatile.Read(ref _bytes);

    public long Milliseconds => Volatile.Read(ref _milliseconds);

    /// <summary>Nothing is kept of it.</summary>
    public bool IsUnwanted { get; set; }

    /// <summary>Completes when it is written down.</summary>
    public Task Done { get; set; } = Task.CompletedTask;

    /// <summary>The first reason counts.</summary>
    public void Stop(string reason)
    {
        lock (_lock)
            Reason ??= reason;
        _queue.Wake();
    }

    /// <summary>Until it is stopped, a limit is reached, or the disk takes no more.</summary>
    public async Task RunAsync()
    {
        var video = session.Screen.Video;
        using var timer = clock.CreateTimer(_ => _queue.Wake(), null, Round, Round);
        using var file = new RecordingFile(options.PathOf(Id));
        _ = EndWithSessionAsync();
        video.Join(_queue, hub.Now);
        try
        {
            while (Reason is null)
            {
                await _queue.WaitAsync();
                Write(file);
            }
            file.Flush(_queue.TimeAt(hub.Now));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Stop(StopReasons.Of(e));
        }
        finally
        {
            video.Leave(_queue);
            _queue.End();
            Count(file);
        }
        file.Finish(); // needs no room
    }

    async Task EndWithSessionAsync()
    {
        await session.Over;
        Stop(session.EndReason == EndReasons.ServiceStopped ? StopReasons.ServiceStopped : StopReasons.SessionEnded);
    }

    void Write(RecordingFile file)
    {
        _size = session.Screen.Size ?? _size;
        while (_queue.Take() is { } frame)
        {
            try
            {
                if (file.Bytes + frame.Bytes > row.MaxBytes)
                    Stop(StopReasons.TooLarge);
                if (Reason == StopReasons.TooLarge)
                    continue; // what follows leads to what is not there
                file.Add(frame, _size);
            }
            finally
            {
                frame.Release();
            }
        }
        if (hub.Now - _flushedAt >= Round)
        {
            file.Flush(_queue.TimeAt(hub.Now));
            _flushedAt = hub.Now;
        }
        Count(file);
        if (file.Duration >= options.MaxTime)
            Stop(StopReasons.TooLong);
    }

    void Count(RecordingFile file)
    {
        Volatile.Write(ref _bytes, file.Length);
        Volatile.Write(ref _milliseconds, (long)file.Duration.TotalMilliseconds);
    }
}
