using CloudPhone.Media.Recordings;
using CloudPhone.Media.Tests.WebRtc;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.Tests.Recordings;

/// <summary>A disk that is slower than the phone.</summary>
public sealed class RecordingQueueTests
{
    readonly Packetizer _packetizer = new(new());
    readonly RecordingQueue _queue = new(() => new(720, 1280), maxBytes: 10_000);
    int _count;

    [Fact]
    public void What_does_not_fit_is_left_out_up_to_the_next_key_frame()
    {
        Assert.Equal(PeerSignals.KeyFrame, _queue.Start([], default, new(_ => { })));
        Send(100, key: false);
        Assert.Null(_queue.Take());
        Send(4000, key: true);
        Send(4000, key: false);
        Assert.Equal(PeerSignals.KeyFrame, Send(4000, key: false));
        _queue.Take()!.Release();
        _queue.Take()!.Release();
        Assert.Equal(PeerSignals.None, Send(100, key: false)); // nothing follows what is missing
        Assert.Null(_queue.Take());
        Send(3000, key: true);
        Assert.True(_queue.Take()!.IsKey);
        Assert.Equal(1, _queue.Dropped);
    }

    [Fact]
    public void It_goes_on_while_nothing_moves()
    {
        Send(100, key: true, now: TimeSpan.FromSeconds(8));
        Assert.Equal(TimeSpan.FromSeconds(5), _queue.TimeAt(TimeSpan.FromSeconds(12)));
    }

    PeerSignals Send(int length, bool key, TimeSpan now = default)
    {
        var frame = _packetizer.Cut(
            TestPictures.Unit(TestPictures.Slice(length, key, _count++)), TimeSpan.FromSeconds(1))!;
        var signals = _queue.Send(frame, now, new(_ => { }));
        frame.Release();
        return signals;
    }
}
