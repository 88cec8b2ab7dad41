using CloudPhone.Media.WebRtc.H264;
using CloudPhone.Media.WebRtc.Rtcp;

namespace CloudPhone.Media.WebRtc;

/// <summary>
/// One phone's picture and who watches it: each picture is cut once, and sealed for each viewer. A new viewer sees what
/// the others see at once.
/// </summary>
/// <param name="flush">Sends what is written; see <see cref="DatagramBatch"/>.</param>
sealed class VideoStream(Action<DatagramBatch> flush)
{
    /// <summary>The encoder is asked for a key frame at most so often.</summary>
    public static readonly TimeSpan KeyFramePause = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    readonly DatagramBatch _output = new(flush);
    readonly Packetizer _packetizer = new(new());
    readonly PictureCache _picture = new();
    readonly List<IScreenPeer> _viewers = [];
    readonly KeyFrameThrottle _keyFrames = new(KeyFramePause);

    public int Viewers
    {
        get
        {
            lock (_lock)
                return _viewers.Count;
        }
    }

    /// <summary>The encoder's next output: one picture in Annex B, or parameter sets.</summary>
    /// <param name="time">Since the stream began.</param>
    public void Add(ReadOnlySpan<byte> accessUnit, TimeSpan time, TimeSpan now)
    {
        lock (_lock)
        {
            if (_packetizer.Cut(accessUnit, time) is not { } frame)
                return;
            if (frame.IsKey)
                _keyFrames.OnKeyFrame();
            _picture.Add(frame);
            foreach (var viewer in _viewers)
            {
                Note(viewer.Send(frame, now, _output));
                _output.Flush();
            }
            frame.Release();
        }
    }

    /// <summary>A peer that can be sent to watches from now on.</summary>
    public void Join(IScreenPeer viewer, TimeSpan now)
    {
        lock (_lock)
        {
            if (_viewers.Contains(viewer))
                return;
            Note(viewer.Start(_picture.Frames, now, _output));
            _output.Flush();
            _viewers.Add(viewer);
        }
    }

    public void Leave(IScreenPeer viewer)
    {
        lock (_lock)
            _viewers.Remove(viewer);
    }

    public void WantKeyFrame()
    {
        lock (_lock)
            _keyFrames.Want();
    }

    /// <returns>The encoder is to be asked for a key frame now. To be asked again and again: wishes wait.</returns>
    public bool IsKeyFrameDue(TimeSpan now)
    {
        lock (_lock)
            return _keyFrames.IsDue(now);
    }

    /// <summary>What the slowest viewer's way takes, in bits per second; null: no way is full. Guests count where
    /// nobody else watches. A way that is narrower than all that an encoder may be told counts only where its viewer is
    /// alone: the others would see less, and that one hardly more.</summary>
    /// <param name="least">What an encoder may be told, in bits per second.</param>
    public long? Room(TimeSpan now, long least)
    {
        lock (_lock)
        {
            var own = _viewers.Where(v => !v.IsGuest).ToList();
            var counted = own.Count > 0 ? own : _viewers;
            return counted.Select(v => v.Room(now)).Where(room => counted.Count == 1 || room >= least).Min();
        }
    }

    /// <summary>The encoder begins anew, perhaps in another size: what was kept leads nowhere.</summary>
    public void Restart()
    {
        lock (_lock)
            _picture.Clear();
    }

    void Note(PeerSignals signals)
    {
        if ((signals & PeerSignals.KeyFrame) != 0)
            _keyFrames.Want();
    }
}
