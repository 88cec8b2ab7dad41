using CloudPhone.Media.Screens;
using CloudPhone.Media.Tests.WebRtc;
using CloudPhone.Media.WebRtc;
using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.Screens;

/// <summary>Two watch by sockets; one of them does not read.</summary>
public sealed class SlowViewerTests
{
    readonly VideoStream _stream = new(_ => { });
    int _frames;

    [Fact]
    public async Task One_that_does_not_read_loses_pictures_and_the_other_none()
    {
        var gate = new TaskCompletionSource();
        using var end = new CancellationTokenSource();
        var (quick, slow) = (new List<(bool IsKey, int Length)>(), new List<(bool IsKey, int Length)>());
        var quickViewer = new SocketViewer((m, _) => Keep(quick, m), _ => { });
        var slowViewer = new SocketViewer(async (m, ct) =>
        {
            await Keep(slow, m);
            await gate.Task.WaitAsync(ct);
        }, _ => { });
        _stream.Join(quickViewer, default);
        _stream.Join(slowViewer, default);
        var running = Task.WhenAll(quickViewer.RunAsync(end.Token), slowViewer.RunAsync(end.Token));

        await AddAsync(quick, key: true);
        await Wait.UntilAsync("its first", () => slow.Count == 1);
        for (var i = 0; i < 300; i++)
            await AddAsync(quick); // each comes before the next is made
        Assert.Single(slow);
        Assert.True(_stream.IsKeyFrameDue(TimeSpan.FromSeconds(10)), "one needs a key frame to go on");
        gate.SetResult();
        for (var i = 0; i < 5; i++)
            await AddAsync(quick);
        await AddAsync(quick, key: true);
        await AddAsync(quick);
        await Wait.UntilAsync("the latest", () => slow.Count > 2 && slow[^1] == quick[^1]);
        await end.CancelAsync();
        await running;

        Assert.Equal(_frames, quick.Count);
        Assert.InRange(slow.Count, 3, 60);
        var again = slow.FindLastIndex(f => f.IsKey);
        Assert.Equal(2, slow.Count - again); // the key frame, and what follows it
    }

    [Fact]
    public async Task Whoever_comes_late_sees_the_picture_at_once()
    {
        using var end = new CancellationTokenSource();
        var seen = new List<(bool IsKey, int Length)>();
        foreach (var key in new[] { true, false, false })
            Add(key);
        var viewer = new SocketViewer((m, _) => Keep(seen, m), _ => { });
        _stream.Join(viewer, default);
        var running = viewer.RunAsync(end.Token);
        await Wait.UntilAsync("all of it", () => seen.Count == 3);
        await end.CancelAsync();
        await running;
        Assert.Equal([true, false, false], seen.Select(f => f.IsKey));
        Assert.False(_stream.IsKeyFrameDue(TimeSpan.FromSeconds(10)), "nothing more is needed");
    }

    static ValueTask Keep(List<(bool, int)> list, ReadOnlyMemory<byte> message)
    {
        lock (list)
            list.Add((message.Span[1] == 1, message.Length));
        return ValueTask.CompletedTask;
    }

    async Task AddAsync(List<(bool, int)> seen, bool key = false)
    {
        Add(key);
        await Wait.UntilAsync("the picture", () => seen.Count == _frames, every: 0.001);
    }

    void Add(bool key)
    {
        _stream.Add(TestPictures.Unit(TestPictures.Slice(1_000 + _frames, key, _frames)),
            TimeSpan.FromMilliseconds(33 * _frames), default);
        _frames++;
    }
}
