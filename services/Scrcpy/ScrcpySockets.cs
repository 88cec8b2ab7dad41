using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CloudPhone.Adb;

namespace CloudPhone.Scrcpy;

/// <summary>The server on the phone with its two sockets, from the start to the first byte of video.</summary>
sealed class ScrcpySockets(AdbConnection phone, ScrcpyServerFile file, ScrcpyOptions options, TimeProvider clock)
    : IAsyncDisposable
{
    const int NameLength = 64;
    const uint H264 = 0x68323634, Disabled = 0, Misconfigured = 1;

    /// <summary>Java needs about half a second until it listens.</summary>
    static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    readonly CancellationTokenSource _end = new();
    readonly int _id = RandomNumberGenerator.GetInt32(int.MaxValue);
    ScrcpyServer? _server;
    AdbStream? _video, _control;
    string _step = "";
    bool _hasStarted;

    /// <summary>The exit code; fails with the connection.</summary>
    public Task<int> Exit { get; private set; } = Task.FromResult(0);

    public AdbStream Video => _video!;
    public AdbStream Control => _control!;

    /// <summary>What the phone calls itself.</summary>
    public string DeviceName { get; private set; } = "";

    /// <exception cref="ScrcpyException">It did not start; then nothing of it is left.</exception>
    public static async Task<ScrcpySockets> OpenAsync(
        AdbConnection phone, ScrcpyServerFile file, ScrcpyOptions options, TimeProvider clock, CancellationToken ct)
    {
        var sockets = new ScrcpySockets(phone, file, options, clock);
        using var limit = new CancellationTokenSource(options.StartLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await sockets.OpenAsync(either.Token);
            return sockets;
        }
        catch (Exception e)
        {
            await sockets.DisposeAsync();
            throw e switch
            {
                OperationCanceledException when !ct.IsCancellationRequested => sockets.TooLate(e),
                AdbException broken => ScrcpyException.Of(broken),
                _ => e,
            };
        }
    }

    async Task OpenAsync(CancellationToken ct)
    {
        _step = "its file was written";
        await file.PushAsync(phone, ct);
        _step = "the phone ran it";
        _server = await ScrcpyServer.StartAsync(phone, file, options.Arguments(_id), ct);
        Exit = _server.RunAsync(_end.Token);
        _step = "it opened the video";
        while (!await TryVideoAsync(ct))
            await AgainAsync(ct);
        _step = "it opened the control";
        while ((_control = await TryOpenAsync(ct)) is null)
            await AgainAsync(ct);
        _step = "it said which video it sends";
        DeviceName = Encoding.UTF8.GetString(await ReadAsync(NameLength, ct)).Split('\0')[0];
        switch (BinaryPrimitives.ReadUInt32BigEndian(await ReadAsync(4, ct)))
        {
            case H264:
                break;
            case Disabled or Misconfigured:
                throw await EndedAsync();
            case var codec:
                throw ScrcpyException.Protocol($"a video of codec {codec:x8}");
        }
        _hasStarted = true;
    }

    /// <summary>adbd may take the stream before the server listens: only the first byte says that it does.</summary>
    async Task<bool> TryVideoAsync(CancellationToken ct)
    {
        if ((_video = await TryOpenAsync(ct)) is null)
            return false;
        var first = new byte[1];
        if (await _video.ReadAsync(first, ct) == 1)
            return first[0] == 0 ? true : throw ScrcpyException.Protocol($"a video that begins with {first[0]}");
        await _video.DisposeAsync();
        return false;
    }

    async Task<AdbStream?> TryOpenAsync(CancellationToken ct)
    {
        try
        {
            var stream = await phone.OpenAsync(
                string.Create(CultureInfo.InvariantCulture, $"localabstract:scrcpy_{_id:x8}"), ct)
                ?? throw AdbException.Gone();
            (stream.MayBeSilent, stream.IdleLimit) = (true, options.AnswerLimit);
            return stream;
        }
        catch (AdbException e) when (e.Fault == AdbFault.Refused)
        {
            return null;
        }
    }

    async Task AgainAsync(CancellationToken ct)
    {
        await ((Task)Exit).WaitAsync(Retry, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
        if (Exit.IsCompleted)
            throw await EndedAsync();
    }

    async Task<byte[]> ReadAsync(int count, CancellationToken ct)
    {
        var bytes = new byte[count];
        return await Video.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false, ct) == count ? bytes
            : throw await EndedAsync();
    }

    /// <summary>Why it is over, in the server's words: they come a moment after its sockets are closed.</summary>
    public async Task<ScrcpyException> EndedAsync()
    {
        await ((Task)Exit).WaitAsync(LastWords, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Exit.Exception?.InnerException is AdbException broken)
            return ScrcpyException.Of(broken);
        var code = Exit.IsCompletedSuccessfully ? $" with exit code {await Exit}" : "";
        var hint = file.IsStandIn && !_hasStarted
            ? " Phones that are not simulated need scrcpy's server: set SCRCPY_SERVER_FILE." : "";
        return new(_hasStarted ? ScrcpyFault.Ended : ScrcpyFault.Refused,
            $"The phone's screen server has ended{code}{Words()}.{hint}");
    }

    ScrcpyException TooLate(Exception inner) => new(ScrcpyFault.TimedOut, string.Create(CultureInfo.InvariantCulture,
        $"The phone's screen server did not start in {options.StartLimit.TotalSeconds:0.#} s until {_step}{Words()}."),
        inner);

    string Words() => _server?.Words is { Length: > 0 } words ? $": {words}" : "";

    /// <summary>Not while they are read or written.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await ((Task)Exit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_control is not null)
            await _control.DisposeAsync();
        if (_video is not null)
            await _video.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        _end.Dispose();
    }
}
