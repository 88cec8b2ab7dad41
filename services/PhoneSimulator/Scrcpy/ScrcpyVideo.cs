using System.Buffers.Binary;
using CloudPhone.PhoneSimulator.Scrcpy.H264;
using CloudPhone.PhoneSimulator.Screen;

namespace CloudPhone.PhoneSimulator.Scrcpy;

/// <summary>The screen as scrcpy's video stream: nothing is drawn or sent while nothing changes.</summary>
sealed class ScrcpyVideo(Phone phone, ScrcpyOptions options, Stream stream)
{
    const int H264 = 0x68323634;
    const int Header = 12;
    const ulong Config = 1UL << 62, Key = 1UL << 61;
    const uint Session = 0x80000000;

    /// <summary>As MediaCodec repeats the last picture, once.</summary>
    static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(100);
    readonly NalWriter _nal = new();
    readonly long _began = phone.Clock.GetTimestamp();
    TaskCompletionSource _reset = New();
    (int Width, int Height) _size = options.SizeOf(phone.Screen.Width, phone.Screen.Height);
    long _lastTime = -1;
    int _keyId;
    TimeSpan _freeAt;

    /// <summary>What touches must be made for, because it is what they were seen on.</summary>
    public (int Width, int Height) Size
    {
        get
        {
            lock (_nal)
                return _size;
        }
    }

    TimeSpan Now => phone.Clock.GetElapsedTime(_began);

    /// <summary>Begins anew, with all that a decoder needs.</summary>
    public void Reset() => Volatile.Read(ref _reset).TrySetResult();

    public async Task RunAsync(CancellationToken ct)
    {
        if (options.SendStreamMeta)
        {
            BinaryPrimitives.WriteInt32BigEndian(_nal.Reserve(4), H264);
            await SendAsync(ct);
        }
        while (true)
            await CaptureAsync(ct);
    }

    /// <summary>Until the size changes or somebody wants it anew.</summary>
    async Task CaptureAsync(CancellationToken ct)
    {
        var reset = New();
        Volatile.Write(ref _reset, reset);
        var more = phone.Screen.More;
        var screen = new Frame(phone.Screen.Width, phone.Screen.Height);
        phone.Screen.Draw(screen);
        var size = options.SizeOf(screen.Width, screen.Height);
        var frame = new Frame(size.Width, size.Height);
        frame.Scale(screen);
        lock (_nal)
            _size = size;
        var encoder = new ScreenEncoder(_nal, size.Width, size.Height, options.Fps) { KeyId = _keyId };
        WriteSession(size);
        Write(Config, encoder.WriteConfig);
        Write(NextTime() | Key, () => encoder.WriteKey(frame));
        _keyId = encoder.KeyId;
        await SendAsync(ct);
        var (keyAt, repeats) = (Now, true);
        while (!reset.Task.IsCompleted)
        {
            await WaitAsync(Task.WhenAny(more, reset.Task), repeats ? RepeatAfter : UntilMinute(), ct);
            if (_freeAt - Now is { Ticks: > 0 } wait)
                await Task.Delay(wait, phone.Clock, ct);
            var isQuiet = !more.IsCompleted;
            more = phone.Screen.More;
            if ((phone.Screen.Width, phone.Screen.Height) != (screen.Width, screen.Height))
                return;
            phone.Screen.Draw(screen);
            frame.Scale(screen);
            var hasChanged = encoder.HasChanged(frame);
            if (!hasChanged && !(isQuiet && repeats))
                continue;
            repeats = hasChanged;
            var isKey = hasChanged && Now - keyAt >= options.KeyInterval;
            if (isKey)
                keyAt = Now;
            Write(NextTime() | (isKey ? Key : 0), () =>
            {
                if (isKey)
                    encoder.WriteKey(frame);
                else
                    encoder.WriteChange(frame);
            });
            _keyId = encoder.KeyId;
            await SendAsync(ct);
        }
    }

    async Task WaitAsync(Task change, TimeSpan atMost, CancellationToken ct)
    {
        await change.WaitAsync(atMost, phone.Clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>When the clock on the screen goes on.</summary>
    TimeSpan UntilMinute() => TimeSpan.FromMinutes(1)
        - TimeSpan.FromTicks(phone.Clock.GetUtcNow().Ticks % TimeSpan.TicksPerMinute) + TimeSpan.FromMilliseconds(1);

    /// <summary>Microseconds, each more than the last.</summary>
    ulong NextTime() => (ulong)(_lastTime = Math.Max(_lastTime + 1, Now.Ticks / TimeSpan.TicksPerMicrosecond));

    void WriteSession((int Width, int Height) size)
    {
        if (!options.SendStreamMeta)
            return;
        var packet = _nal.Reserve(Header);
        BinaryPrimitives.WriteUInt32BigEndian(packet, Session);
        BinaryPrimitives.WriteInt32BigEndian(packet[4..], size.Width);
        BinaryPrimitives.WriteInt32BigEndian(packet[8..], size.Height);
    }

    void Write(ulong head, Action encode)
    {
        if (!options.SendStreamMeta)
        {
            encode();
            return;
        }
        var at = _nal.Length;
        _nal.Reserve(Header);
        encode();
        var header = _nal.At(at, Header);
        BinaryPrimitives.WriteUInt64BigEndian(header, head);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], _nal.Length - at - Header);
    }

    /// <summary>The next picture waits for its turn, by rate of pictures and of bits; and for whoever reads slowly.
    /// </summary>
    async Task SendAsync(CancellationToken ct)
    {
        var seconds = Math.Max(1.0 / options.Fps, 8.0 * _nal.Length / options.BitRate);
        _freeAt = Now + TimeSpan.FromSeconds(Math.Min(1, seconds));
        await stream.WriteAsync(_nal.Written, ct);
        _nal.Clear();
    }

    static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
