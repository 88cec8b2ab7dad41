using CloudPhone.Adb;
using CloudPhone.Media.Input;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Scrcpy;
using CloudPhone.Scrcpy.Control;
using CloudPhone.Scrcpy.Video;
using CloudPhone.Shared.Work;

namespace CloudPhone.Media.Screens;

/// <summary>
/// One phone's screen while somebody watches it: its pictures for all viewers, and what they do for the phone. When the
/// phone goes, as for a restart, it is tried again, and the viewers stay.
/// </summary>
sealed partial class PhoneScreen(
    Guid deviceId, AdbPhones phones, ScrcpyServerFile server, ScrcpyOptions options, UdpHub hub, TimeProvider clock,
    ILogger<PhoneScreen> log) : IDisposable
{
    /// <summary>For so long a phone that is gone is tried again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.25), MaxPause = TimeSpan.FromSeconds(3);
    static readonly TimeSpan KeyFramePoll = TimeSpan.FromMilliseconds(50);

    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile ScrcpySession? _session;
    TimeSpan _begin;

    public Guid DeviceId => deviceId;

    /// <summary>Those who came and did not leave; kept by <see cref="PhoneScreens"/>.</summary>
    public int Viewers { get; set; }

    /// <summary>Is told of who leaves.</summary>
    public Action? Left { get; set; }

    public VideoStream Video { get; } = hub.NewStream();

    public Controls Controls { get; } = new();

    public Snapshots Snapshots { get; } = new(phones.Of(deviceId), clock);

    /// <summary>Of the video as it is now; null: there is none.</summary>
    public VideoSize? Size { get; private set; }

    /// <summary>Size or presence of the picture is another.</summary>
    public event Action? Changed;

    /// <summary>Something was copied on the phone.</summary>
    public event Action<string>? Copied;

    public Task Over => _over.Task;

    public void Leave() => Left?.Invoke();

    /// <summary>Ends it; <see cref="Over"/> says when it has.</summary>
    public void Dispose() => _stop.Cancel();

    /// <summary>Does something with the phone; where there is none at the moment it is lost, as a touch in the
    /// air.</summary>
    public async ValueTask DoAsync(Func<ScrcpySession, CancellationToken, ValueTask> act, CancellationToken ct)
    {
        try
        {
            if (_session is { } session)
                await act(session, ct);
        }
        catch (ScrcpyException e)
        {
            NotDone(log, deviceId, e.Message);
        }
    }

    /// <returns>Why it is over; null: nobody watches any more.</returns>
    public async Task<string?> RunAsync()
    {
        var (failures, seen) = (0, clock.GetUtcNow());
        Controls.LetGo += Release;
        try
        {
            while (clock.GetUtcNow() - seen < Patience)
            {
                try
                {
                    await PlayAsync();
                }
                catch (Exception e) when (!_stop.IsCancellationRequested)
                {
                    NoPicture(log, deviceId, e.Message);
                }
                if (_isSeen)
                    (failures, seen) = (0, clock.GetUtcNow());
                Lose();
                await Task.Delay(BackOff.After(++failures, FirstPause, MaxPause), clock, _stop.Token);
            }
            return EndReasons.PhoneLost;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Lose();
            _over.SetResult();
        }
    }

    /// <summary>Whose controls are taken away can't lift the fingers any more.</summary>
    void Release(IReadOnlyList<InputMessage> held)
    {
        foreach (var message in held)
            _ = DoAsync((phone, ct) => PhoneInput.DoAsync(message, phone, ct), _stop.Token).AsTask();
    }

    bool _isSeen;

    async Task PlayAsync()
    {
        _isSeen = false;
        var phone = await phones.ConnectAsync(deviceId, _stop.Token);
        await using var session = await ScrcpySession.StartAsync(phone, server, options, clock, _stop.Token);
        _session = session;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var others = Task.WhenAll(AskForKeyFramesAsync(session, end.Token), HearAsync(session, end.Token));
        try
        {
            while (true)
                Take(await session.ReadAsync(_stop.Token));
        }
        finally
        {
            await end.CancelAsync();
            await others;
        }
    }

    void Take(in VideoPacket packet)
    {
        if (packet.Kind == VideoPacketKind.Session)
        {
            Size = new(packet.Width, packet.Height);
            Video.Restart();
            Changed?.Invoke();
            return;
        }
        if (packet.Kind != VideoPacketKind.Config && !_isSeen)
        {
            _isSeen = true;
            _begin = hub.Now - packet.Time; // phones' clocks begin anywhere, and ours goes on where one begins anew
        }
        Video.Add(packet.Data.Span, packet.Time + _begin, hub.Now);
    }

    void Lose()
    {
        _session = null;
        if (Size is null)
            return;
        Size = null;
        Video.Restart();
        Changed?.Invoke();
    }

    /// <summary>Of all viewers' wishes one is sent in a second at most.</summary>
    async Task AskForKeyFramesAsync(ScrcpySession session, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(KeyFramePoll, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
                if (_isSeen && Video.IsKeyFrameDue(hub.Now))
                    await session.SendAsync(new PlainMessage(PlainMessageKind.ResetVideo), ct);
        }
        catch (Exception e) when (e is OperationCanceledException or ScrcpyException)
        {
            // the reader finds out why
        }
    }

    async Task HearAsync(ScrcpySession session, CancellationToken ct)
    {
        try
        {
            await foreach (var text in session.Copied.ReadAllAsync(ct))
                Copied?.Invoke(text);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "No picture of device {Device}: {Reason}")]
    static partial void NoPicture(ILogger log, Guid device, string reason);

    [LoggerMessage(2, LogLevel.Debug, "Not done with device {Device}: {Reason}")]
    static partial void NotDone(ILogger log, Guid device, string reason);
}

/// <summary>Pixels.</summary>
readonly record struct VideoSize(int Width, int Height);
