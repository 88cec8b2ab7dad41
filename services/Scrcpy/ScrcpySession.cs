using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CloudPhone.Adb;
using CloudPhone.Scrcpy.Control;
using CloudPhone.Scrcpy.Video;

namespace CloudPhone.Scrcpy;

/// <summary>
/// A phone's screen: pictures out, touches and keys in, over one connection to its adbd. It ends with the phone, its
/// server, either socket, or <see cref="DisposeAsync"/>, which must be called in any case: it ends the server.
/// </summary>
/// <remarks>Nothing is read ahead: who reads slowly slows the phone's encoder down, and costs no memory. For many
/// viewers somebody must read at once and drop what a slow one can't take.</remarks>
sealed class ScrcpySession : IAsyncDisposable
{
    readonly AdbConnection _phone;
    readonly ScrcpyOptions _options;
    readonly TimeProvider _clock;
    readonly ScrcpySockets _sockets;
    readonly VideoReader _video;
    readonly ControlWriter _control;
    readonly PhoneClipboard _clipboard;
    readonly CancellationTokenSource _end = new();
    readonly TaskCompletionSource<ScrcpyException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly SemaphoreSlim _reading = new(1, 1);
    readonly Task _running;
    CancellationTokenSource? _readerOrEnd;
    CancellationToken _reader;
    int _isDisposed;
    long _size;

    ScrcpySession(AdbConnection phone, ScrcpyOptions options, TimeProvider clock, ScrcpySockets sockets)
    {
        (_phone, _options, _clock, _sockets) = (phone, options, clock, sockets);
        _video = new(sockets.Video, options.MaxFrame);
        _control = new(sockets.Control);
        _clipboard = new(_control, options.AnswerLimit, clock);
        _running = Task.WhenAll(UntilEndAsync(ct => sockets.Exit.WaitAsync(ct)), UntilEndAsync(_control.RunAsync),
            UntilEndAsync(HearAsync), UntilEndAsync(ProbeAsync));
    }

    /// <summary>What the phone calls itself.</summary>
    public string DeviceName => _sockets.DeviceName;

    /// <summary>Pixels of the video since its last session packet was read; touches are made for it.</summary>
    public (int Width, int Height) Size
    {
        get
        {
            var size = Interlocked.Read(ref _size);
            return ((int)(size >> 32), (int)size);
        }
    }

    /// <summary>Completes with the reason when it is over; never fails.</summary>
    public Task<ScrcpyException> Ended => _ended.Task;

    /// <summary>What was copied on the phone; of several that nobody has read yet, the last. It ends with the session.
    /// </summary>
    public ChannelReader<string> Copied => _clipboard.Copied;

    /// <summary>Starts the phone's server. Video begins with a session, its configuration and a key frame.</summary>
    /// <exception cref="ScrcpyException">It did not start; nothing of it is left on the phone.</exception>
    public static async Task<ScrcpySession> StartAsync(
        AdbConnection phone, ScrcpyServerFile file, ScrcpyOptions options, TimeProvider clock, CancellationToken ct) =>
        new(phone, options, clock, await ScrcpySockets.OpenAsync(phone, file, options, clock, ct));

    /// <summary>The next packet, whose data are good until the next call. One reader at a time; one that gives up by
    /// its token loses nothing. Passing the same token each time costs no allocation.</summary>
    /// <exception cref="ScrcpyException">The session is over.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<VideoPacket> ReadAsync(CancellationToken ct)
    {
        if (!await _reading.WaitAsync(0, CancellationToken.None))
            throw new InvalidOperationException("Somebody else reads this video.");
        try
        {
            if (_ended.Task.IsCompleted)
                throw await EndAsync(null);
            if (await _video.ReadAsync(Either(ct)) is not { } packet)
                throw await EndAsync(null);
            if (packet.Kind == VideoPacketKind.Session)
                Interlocked.Exchange(ref _size, ((long)packet.Width << 32) | (uint)packet.Height);
            return packet;
        }
        catch (Exception e) when (e is AdbException or ScrcpyException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw await EndAsync(e);
        }
        finally
        {
            _reading.Release();
        }
    }

    CancellationToken Either(CancellationToken ct)
    {
        if (_readerOrEnd is null || ct != _reader)
        {
            _readerOrEnd?.Dispose();
            _readerOrEnd = CancellationTokenSource.CreateLinkedTokenSource(_reader = ct, _end.Token);
        }
        return _readerOrEnd.Token;
    }

    /// <summary>Completes when the message will go out, unless the session ends before; waits where the phone takes
    /// nothing. In the order of the calls.</summary>
    /// <exception cref="ScrcpyException">The session is over.</exception>
    public ValueTask SendAsync<T>(in T message, CancellationToken ct) where T : struct, IControlMessage =>
        _control.SendAsync(message, ct);

    /// <summary>Types a text of any length; see <see cref="TextMessage"/> for what phones type.</summary>
    /// <exception cref="ScrcpyException">The session is over.</exception>
    public async Task TypeAsync(string text, CancellationToken ct)
    {
        for (var rest = text.AsMemory(); rest.Length > 0;)
        {
            var part = TextMessage.Next(rest);
            await SendAsync(part, ct);
            rest = rest[part.Text.Length..];
        }
    }

    /// <summary>Puts a text into the phone's clipboard and, if wanted, pastes it; returns when the phone has it.
    /// </summary>
    /// <exception cref="ArgumentException">It is over <see cref="SetClipboardMessage.MaxBytes"/>; nothing was sent.
    /// </exception>
    /// <exception cref="ScrcpyException">The phone did not say so in time, or the session is over.</exception>
    public Task SetClipboardAsync(string text, bool paste, CancellationToken ct) =>
        _clipboard.SetAsync(text, paste, ct);

    async Task HearAsync(CancellationToken ct)
    {
        var reader = new DeviceMessageReader(_sockets.Control);
        while (await reader.ReadAsync(ct) is { } message)
            _clipboard.Received(message);
    }

    /// <summary>Asks adbd for what it does not have: that costs it nothing, and its answer shows that it is there.
    /// Where none comes the connection is given up, and all that goes over it ends.</summary>
    async Task ProbeAsync(CancellationToken ct)
    {
        for (var before = -1L; ; before = _video.BytesRead)
        {
            await Task.Delay(_options.ProbeInterval, _clock, ct);
            if (_video.BytesRead != before)
                continue;
            try
            {
                await using var stream = await _phone.OpenAsync("localabstract:cloudphone_probe", ct)
                    ?? throw AdbException.Gone();
            }
            catch (AdbException e) when (e.Fault == AdbFault.Refused || _phone.IsUp)
            {
                // that is an answer, or it has too much to do
            }
        }
    }

    async Task UntilEndAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_end.Token);
            await EndAsync(null);
        }
        catch (Exception e)
        {
            await EndAsync(e);
        }
    }

    /// <param name="cause">Null: a socket or the server has ended.</param>
    /// <returns>Why it is over, for a caller to throw.</returns>
    async Task<ScrcpyException> EndAsync(Exception? cause)
    {
        if (!_ended.Task.IsCompleted && cause is not OperationCanceledException)
        {
            End(cause switch
            {
                ScrcpyException known => known,
                null or AdbException { Fault: AdbFault.Closed } => await _sockets.EndedAsync(),
                AdbException broken => ScrcpyException.Of(broken),
                _ => new(ScrcpyFault.Ended, cause.Message, cause),
            });
        }
        return (await _ended.Task).Again();
    }

    void End(ScrcpyException reason)
    {
        if (!_ended.TrySetResult(reason))
            return;
        _control.End(reason);
        _clipboard.End(reason);
        _ = _end.CancelAsync();
    }

    /// <summary>Closes the sockets, which ends the phone's server. Whoever reads, writes or waits is told so.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        End(new(ScrcpyFault.Closed, "The phone's screen was closed."));
        await _end.CancelAsync();
        await _running;
        // the streams' buffers go back to a pool: nobody may be reading
        await _reading.WaitAsync();
        await _sockets.DisposeAsync();
        _readerOrEnd?.Dispose();
        _readerOrEnd = null;
        _reading.Release();
    }
}
