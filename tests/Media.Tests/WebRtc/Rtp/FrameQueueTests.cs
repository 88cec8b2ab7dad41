using CloudPhone.Media.WebRtc.H264;
using CloudPhone.Media.WebRtc.Rtp;

namespace CloudPhone.Media.Tests.WebRtc.Rtp;

public class FrameQueueTests
{
    const long Slow = 800_000; // 100 000 bytes a second
    readonly FramePool _pool = new();
    readonly FrameQueue _queue = new();

    [Fact]
    public void Nothing_goes_before_a_key_frame()
    {
        Assert.False(_queue.Add(Frame(10), null));
        Assert.False(_queue.TryTake(default, null, out _));
        Assert.True(_queue.NeedsKey);
        Assert.True(_queue.Add(Frame(10, key: true), null));
        Assert.True(_queue.TryTake(default, null, out _));
        Assert.False(_queue.NeedsKey);
        Assert.Equal(1, _queue.Dropped);
    }

    [Fact]
    public void Without_a_limit_frames_go_as_they_come()
    {
        _queue.Add(Frame(1_000_000, key: true), null);
        for (var i = 0; i < 50; i++)
            _queue.Add(Frame(1_000_000), null);
        for (var i = 0; i < 51; i++)
            Assert.True(_queue.TryTake(default, null, out _));
    }

    [Fact]
    public void A_slow_viewer_gets_what_its_rate_allows()
    {
        _queue.Add(Frame(1000, key: true), Slow);
        var sent = 0;
        for (var ms = 0; ms < 10_000; ms += 10)
        {
            if (ms % 100 == 0)
                _queue.Add(Frame(9_000), Slow); // 90 000 bytes a second: it just fits
            while (_queue.TryTake(TimeSpan.FromMilliseconds(ms), Slow, out var frame))
                sent += frame.Bytes;
        }
        Assert.InRange(sent, 880_000, 911_000);
        Assert.Equal(0, _queue.Dropped);
    }

    [Fact]
    public void What_would_wait_longer_than_a_second_is_given_up_until_the_next_key_frame()
    {
        _queue.Add(Frame(1000, key: true), Slow);
        for (var i = 0; i < 9; i++)
            Assert.True(_queue.Add(Frame(11_000), Slow));
        Assert.False(_queue.Add(Frame(11_000), Slow));
        Assert.True(_queue.NeedsKey);
        Assert.Equal(11, _queue.Dropped);
        Assert.False(_queue.Add(Frame(10), Slow));
        Assert.False(_queue.TryTake(TimeSpan.FromSeconds(5), Slow, out _));
        Assert.True(_queue.Add(Frame(500_000, key: true), Slow)); // however large: there is no other way on
        Assert.True(_queue.TryTake(TimeSpan.FromSeconds(5), Slow, out _));
    }

    [Fact]
    public void A_key_frame_replaces_what_waits()
    {
        _queue.Add(Frame(1000, key: true), Slow);
        _queue.Add(Frame(1000), Slow);
        var key = Frame(50, key: true);
        _queue.Add(key, Slow);
        Assert.True(_queue.TryTake(TimeSpan.FromSeconds(1), Slow, out var frame));
        Assert.Same(key, frame);
        Assert.False(_queue.TryTake(TimeSpan.FromSeconds(1), Slow, out _));
    }

    [Fact]
    public void Only_an_estimate_that_falls_or_heavy_loss_limits()
    {
        var congestion = new Congestion();
        TimeSpan At(double s) => TimeSpan.FromSeconds(s);
        congestion.OnEstimate(50_000, At(0)); // a still screen
        Assert.Null(congestion.Limit(At(0)));
        congestion.OnEstimate(2_000_000, At(1));
        Assert.Null(congestion.Limit(At(1)));
        congestion.OnEstimate(1_000_000, At(2));
        Assert.Equal(1_100_000, congestion.Limit(At(2)));
        congestion.OnEstimate(10_000, At(3));
        Assert.Equal(150_000, congestion.Limit(At(3))); // less is no picture
        congestion.OnEstimate(1_000_000, At(4));
        Assert.NotNull(congestion.Limit(At(7.9)));
        Assert.Null(congestion.Limit(At(8.1)));
        for (var s = 0; s < 30; s++) // one of two packets that a still screen had
            congestion.OnLoss(0.5, 2, At(9));
        Assert.Null(congestion.Limit(At(9)));
        congestion.OnLoss(0.2, 1000, At(9));
        Assert.Null(congestion.Limit(At(9)));
        congestion.OnLoss(0.5, 1000, At(9));
        Assert.NotNull(congestion.Limit(At(9)));
    }

    Frame Frame(int bytes, bool key = false)
    {
        var frame = _pool.Take(default, key);
        frame.Append(bytes);
        return frame;
    }
}
