using CloudPhone.Media.Recordings;
using CloudPhone.Media.Screens;
using CloudPhone.Media.Tests.WebRtc;
using CloudPhone.Media.WebRtc;
using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.Screens;

/// <summary>What a socket's way takes, and whose lowers the picture of all.</summary>
public sealed class SocketPaceTests : IDisposable
{
    const int Least = 800_000;
    readonly SocketPace _pace = new();
    readonly CancellationTokenSource _end = new();
    TimeSpan _now = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_page_in_the_background_lowers_nothing()
    {
        Drop(sent: 200_000); // what the kernel takes
        for (var i = 0; i < 30; i++)
        {
            Drop(sent: 0);
            Assert.Null(_pace.Room(_now));
        }
    }

    [Fact]
    public void One_drop_is_a_burst_two_in_a_row_are_a_slow_way()
    {
        Drop(sent: 200_000);
        Assert.Null(_pace.Room(_now));
        _now += TimeSpan.FromMinutes(1);
        Drop(sent: 200_000);
        Assert.Null(_pace.Room(_now));
        Drop(sent: 200_000);
        Assert.Equal(800_000, _pace.Room(_now));
        Assert.Equal(800_000, _pace.Room(_now + RateSteps.Confirmed));
        Assert.Null(_pace.Room(_now + TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task A_guest_counts_where_nobody_else_watches()
    {
        var stream = new VideoStream(_ => { });
        stream.Join(await SlowAsync(bytes: 250_000, isGuest: true), _now);
        Assert.InRange(stream.Room(_now, Least)!.Value, 1_000_000, 1_010_000);
        var owner = new SocketViewer((_, _) => default, _ => { });
        stream.Join(owner, _now);
        Assert.Null(stream.Room(_now, Least));
        stream.Leave(owner);
        Assert.NotNull(stream.Room(_now, Least));
        stream.Join(new RecordingQueue(() => null), _now);
        Assert.Null(stream.Room(_now, Least));
    }

    [Fact]
    public async Task A_way_below_the_lowest_step_counts_where_its_viewer_is_alone()
    {
        var stream = new VideoStream(_ => { });
        stream.Join(await SlowAsync(bytes: 50_000), _now);
        Assert.InRange(stream.Room(_now, Least)!.Value, 200_000, 210_000);
        stream.Join(new SocketViewer((_, _) => default, _ => { }), _now);
        Assert.Null(stream.Room(_now, Least));
        stream.Join(await SlowAsync(bytes: 250_000), _now);
        Assert.InRange(stream.Room(_now, Least)!.Value, 1_000_000, 1_010_000);
    }

    /// <summary>A viewer whose socket takes a picture of so many bytes in two seconds.</summary>
    async Task<SocketViewer> SlowAsync(int bytes, bool isGuest = false)
    {
        var (gate, begun, made) = (new SemaphoreSlim(0), 0, 0);
        var viewer = new SocketViewer(SendAsync, _ => { }) { IsGuest = isGuest };
        var stream = new VideoStream(_ => { });
        stream.Join(viewer, _now);
        _ = viewer.RunAsync(_end.Token);
        Add();
        await Wait.UntilAsync("the first to be sent", () => Volatile.Read(ref begun) == 1);
        Add();
        for (var drops = 0; drops < 2; drops++)
        {
            gate.Release();
            await Wait.UntilAsync("the next to be sent", () => Volatile.Read(ref begun) == drops + 2);
            Add();
            _now += TimeSpan.FromSeconds(2);
            Add(); // what waited is given up
        }
        return viewer;

        async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
        {
            Interlocked.Increment(ref begun);
            await gate.WaitAsync(ct);
        }

        void Add() =>
            stream.Add(TestPictures.Unit(TestPictures.Slice(bytes, true, made)), TimeSpan.FromSeconds(made++), _now);
    }

    /// <summary>Two seconds in which pictures wait, and so much goes out.</summary>
    void Drop(long sent)
    {
        _pace.OnWaiting(_now);
        _pace.OnSent(sent);
        _now += TimeSpan.FromSeconds(2);
        _pace.OnDropped(_now);
        _pace.OnIdle();
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }
}
