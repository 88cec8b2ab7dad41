using CloudPhone.Adb;
using CloudPhone.PhoneSimulator.Tests;
using CloudPhone.PhoneSimulator.Tests.Scrcpy;
using CloudPhone.Scrcpy.Control;
using CloudPhone.Scrcpy.Video;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Scrcpy.Tests;

/// <summary>A simulated phone's process with a session of its screen, whose video is decoded.</summary>
sealed class WatchedPhone : IAsyncDisposable
{
    /// <summary>So that a test that waits in vain says so.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    readonly CancellationTokenSource _end = new();

    public SimulatedPhone Phone { get; private init; } = null!;
    public AdbConnection Adb { get; private init; } = null!;
    public ScrcpySession Session { get; private set; } = null!;
    public TinyDecoder Decoder { get; private set; } = new();

    public static async Task<WatchedPhone> OnAsync(FakeTimeProvider? clock = null)
    {
        var phone = await SimulatedPhone.StartAsync();
        return new()
        {
            Phone = phone,
            Adb = await AdbConnection.ConnectAsync("127.0.0.1", phone.AdbPort, clock ?? TimeProvider.System, default),
        };
    }

    public static async Task<WatchedPhone> StartAsync(ScrcpyOptions? options = null, FakeTimeProvider? clock = null)
    {
        var watched = await OnAsync(clock);
        await watched.WatchAsync(options, clock);
        return watched;
    }

    public async Task WatchAsync(ScrcpyOptions? options = null, FakeTimeProvider? clock = null)
    {
        var starting = ScrcpySession.StartAsync(Adb, ScrcpyServerFile.StandIn, options ?? new(),
            clock ?? TimeProvider.System, default);
        await Wait.UntilAsync("the start", () =>
        {
            clock?.Advance(TimeSpan.FromMilliseconds(20)); // until the server listens
            return starting.IsCompleted;
        });
        Session = await starting;
        Decoder = new();
    }

    /// <summary>The next packet, decoded.</summary>
    public async Task<VideoPacket> NextAsync()
    {
        var packet = await Session.ReadAsync(_end.Token).AsTask().WaitAsync(Patience);
        if (packet.Kind != VideoPacketKind.Session)
            Assert.Equal(packet.Kind switch
            {
                VideoPacketKind.Config => [7, 8],
                VideoPacketKind.Key => [5],
                _ => [1],
            }, Decoder.Decode(packet.Data.Span));
        return packet;
    }

    /// <summary>All that a decoder needs, in its order.</summary>
    public async Task BeginsAsync(int width, int height)
    {
        var packet = await NextAsync();
        while (packet.Kind == VideoPacketKind.Frame)
            packet = await NextAsync(); // of before
        Assert.Equal((VideoPacketKind.Session, width, height), (packet.Kind, packet.Width, packet.Height));
        Assert.Equal((width, height), Session.Size);
        Assert.Equal(VideoPacketKind.Config, (await NextAsync()).Kind);
        Assert.Equal((width, height), (Decoder.Width, Decoder.Height));
        Assert.Equal(VideoPacketKind.Key, (await NextAsync()).Kind);
    }

    /// <summary>Until the picture is another one than it was.</summary>
    public async Task ChangesAsync(byte[] before)
    {
        while (Decoder.Plane(0).AsSpan().SequenceEqual(before))
            await NextAsync();
    }

    public async Task TouchAsync(TouchAction action, ulong pointer, int x, int y) =>
        await Session.SendAsync(new TouchMessage(action, pointer, At(x, y)), default);

    public VideoPoint At(int x, int y) => new(x, y, (ushort)Session.Size.Width, (ushort)Session.Size.Height);

    /// <summary>What was copied on the phone next.</summary>
    public async Task<string> CopiedAsync() => await Session.Copied.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>Whether nothing of a session goes on with the phone any more.</summary>
    public Task IsQuietAsync() => Wait.UntilAsync("the end of all streams", () => Adb.StreamCount == 0);

    public async Task FaultAsync(string fault)
    {
        using var client = Phone.Client();
        (await client.PostAsync($"/faults/{fault}", null)).EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (Session is not null)
            await Session.DisposeAsync();
        _end.Dispose();
        Adb.Dispose();
        await Phone.DisposeAsync();
    }
}
