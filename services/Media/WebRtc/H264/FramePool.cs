namespace CloudPhone.Media.WebRtc.H264;

/// <summary>Frames that nobody holds, so that a stream makes no garbage.</summary>
sealed class FramePool
{
    const int MaxIdle = 256;
    readonly Lock _lock = new();
    readonly Stack<Frame> _idle = new(MaxIdle);

    public Frame Take(TimeSpan time, bool isKey)
    {
        Frame? frame;
        lock (_lock)
            _idle.TryPop(out frame);
        frame ??= new(this);
        frame.Begin(time, isKey);
        return frame;
    }

    public void Return(Frame frame)
    {
        lock (_lock)
            if (_idle.Count < MaxIdle)
                _idle.Push(frame);
    }
}
