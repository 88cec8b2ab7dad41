using CloudPhone.Media.Sessions;
using CloudPhone.Media.WebRtc.Udp;

namespace CloudPhone.Media.Recordings;

/// <summary>A recording that runs here, from its first key frame to its end.</summary>
sealed class LiveRecording(
    Recording row, LiveSession session, RecordingOptions options, UdpHub hub, TimeProvider clock)
{
    static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    readonly RecordingQueue _queue = new(() => session.Screen.Size);
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();
    TimeSpan _lookedAt;
    long _bytes, _milliseconds;

    public Guid Id => row.Id;

    public Guid SessionId => session.Id;

    /// <summary>Why it ends; null: it does not.</summary>
    public string? Reason { get; private set; }

    /// <summary>What went wrong; null: nothing.</summary>
    public Exception? Failure { get; private set; }

    public long Bytes => Volatile.Read(ref _bytes);

    public long Milliseconds => Volatile.Read(ref _milliseconds);

    /// <summary>Nothing is kept of it.</summary>
    public bool IsDiscarded { get; private set; }

    /// <summary>Completes when it is written down.</summary>
    public Task Done => _done.Task;

    /// <summary>Records on a thread of its own: a disk may take seconds, for which nobody else is to wait.</summary>
    /// <param name="keep">Writes it down when it is over.</param>
    public async Task RunAsync(Func<LiveRecording, Task> keep)
    {
        await Task.Factory.StartNew(
            Record, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await keep(this);
        }
        finally
        {
            _done.SetResult();
        }
    }

    /// <summary>The first reason counts.</summary>
    public void Stop(string reason)
    {
        lock (_lock)
            Reason ??= reason;
        _queue.Wake();
    }

    /// <summary>Ends it, and nothing is kept.</summary>
    public void Discard()
    {
        IsDiscarded = true;
        Stop(StopReasons.Stopped);
    }

    /// <summary>Until it is stopped, a limit is reached, or the disk takes no more.</summary>
    void Record()
    {
        try
        {
            using var timer = clock.CreateTimer(_ => _queue.Wake(), null, Round, Round);
            using var file = new RecordingFile(options.PathOf(Id));
            _ = EndWithSessionAsync();
            Fill(file);
            file.Finish(); // needs no room
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    void Fill(RecordingFile file)
    {
        var video = session.Screen.Video;
        video.Join(_queue, hub.Now);
        try
        {
            while (Reason is null)
            {
                _queue.Wait();
                TakeFrames(file);
                if (hub.Now - _lookedAt >= Round)
                    Look(file);
            }
            file.Flush(_queue.TimeAt(hub.Now));
        }
        catch (Exception e)
        {
            Fail(e); // what is there is finished all the same
        }
        finally
        {
            video.Leave(_queue);
            _queue.End();
            Count(file);
        }
    }

    void TakeFrames(RecordingFile file)
    {
        while (Reason != StopReasons.TooLarge && _queue.Take() is { } frame)
        {
            try
            {
                if (file.Bytes + frame.Bytes > row.MaxBytes)
                    Stop(StopReasons.TooLarge); // what follows leads to what is not there
                else
                    file.Add(frame, _queue.FirstSize);
            }
            finally
            {
                frame.Release();
            }
        }
        Count(file);
    }

    /// <summary>Once a second.</summary>
    void Look(RecordingFile file)
    {
        _lookedAt = hub.Now;
        file.Flush(_queue.TimeAt(hub.Now));
        Count(file);
        if (file.Duration >= options.MaxTime)
            Stop(StopReasons.TooLong);
        if (!options.HasRoom)
            Stop(StopReasons.DiskFull);
    }

    void Fail(Exception e)
    {
        Failure ??= e;
        Stop(StopReasons.Of(e));
    }

    async Task EndWithSessionAsync()
    {
        await session.Over;
        Stop(session.EndReason == EndReasons.ServiceStopped ? StopReasons.ServiceStopped : StopReasons.SessionEnded);
    }

    void Count(RecordingFile file)
    {
        Volatile.Write(ref _bytes, file.Length);
        Volatile.Write(ref _milliseconds, (long)file.Duration.TotalMilliseconds);
    }
}
