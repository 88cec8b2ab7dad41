using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.PhoneSimulator.Screen;
using CloudPhone.PhoneSimulator.Scrcpy.H264;

namespace CloudPhone.Media.Tests.WebRtc.Browser;

/// <summary>A screen of one colour with a bar that wanders, encoded as the simulated phone does it.</summary>
sealed class TestScreen(UdpHub hub, VideoStream stream) : IAsyncDisposable
{
    public const int Width = 320, Height = 240, BarHeight = 20;
    const int FramesPerSecond = 30;

    readonly CancellationTokenSource _end = new();
    Task _playing = Task.CompletedTask;
    volatile int _colour = Frame.FirstApp;

    /// <summary>Its number in the palette. The bar is white.</summary>
    public int Colour
    {
        get => _colour;
        set => _colour = value;
    }

    public void Start() => _playing = Task.Run(PlayAsync);

    async Task PlayAsync()
    {
        var nal = new NalWriter();
        var encoder = new ScreenEncoder(nal, Width, Height, FramesPerSecond);
        var frame = new Frame(Width, Height);
        encoder.WriteConfig();
        Add(nal, default);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / FramesPerSecond));
        var begin = hub.Now;
        for (var i = 0; !_end.IsCancellationRequested; i++)
        {
            frame.Fill(0, 0, Width, Height, (byte)_colour);
            frame.Fill(0, i % (Height / 2), Width, BarHeight, Frame.White);
            if (i == 0 || stream.IsKeyFrameDue(hub.Now))
                encoder.WriteKey(frame);
            else
                encoder.WriteChange(frame);
            Add(nal, hub.Now - begin);
            await timer.WaitForNextTickAsync();
        }
    }

    void Add(NalWriter nal, TimeSpan time)
    {
        stream.Add(nal.Written.Span, time, hub.Now);
        nal.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _playing;
        _end.Dispose();
    }
}
