namespace CloudPhone.Media.WebRtc.H264;

/// <summary>
/// The latest key frame and what follows it: what a new viewer of a still screen is shown at once. Bounded; where more
/// follows than is kept, there is nothing to show until the next key frame.
/// </summary>
sealed class PictureCache
{
    public const int MaxFrames = 150, MaxBytes = 2 << 20;

    readonly List<Frame> _frames = new(MaxFrames);
    int _bytes;

    /// <summary>In their order; empty where a decoder could not go on from them.</summary>
    public IReadOnlyList<Frame> Frames => _frames;

    public void Add(Frame frame)
    {
        if (frame.IsKey)
            Clear();
        else if (_frames.Count == 0)
            return; // nothing to follow
        if (_frames.Count == MaxFrames || (_frames.Count > 0 && _bytes + frame.Bytes > MaxBytes))
        {
            Clear();
            return;
        }
        frame.Hold();
        _frames.Add(frame);
        _bytes += frame.Bytes;
    }

    public void Clear()
    {
        foreach (var frame in _frames)
            frame.Release();
        _frames.Clear();
        _bytes = 0;
    }
}
