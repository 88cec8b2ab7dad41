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
    static readonly TimeSpan KeyFramePoll = TimeSpan.FromMilliseconds(50), Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>A session that another one took the place of ends so much later: a phone that is slow is still at what
    /// it was told last.</summary>
    static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly PhoneHands _hands = new();
    readonly RateControl _rates = new(deviceId, server, options, hub, clock, log);
    TimeSpan? _begin;
    TimeSpan _last;

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

    /// <summary>Bits a second that the phone's encoder is to make.</summary>
    public int BitRate => _rates.Rate;

    /// <summary>Size, rate or presence of the picture is another.</summary>
    public event Action? Changed;

    /// <summary>Something was copied on the phone.</summary>
    public event Action<string>? Copied;

    public Task Over => _over.Task;

    public void Leave() => Left?.Invoke();

    /// <summary>Ends it; <see cref="Over"/> says when it has.</summary>
    public void Dispose() => _stop.Cancel();

    /// <summary>Does something with the phone; where there is none at the moment it is lost, as a touch in the
    /// air.</summary>
    public async ValueTask DoAsync(InputMessage message, CancellationToken ct)
    {
        try
        {
            await _hands.DoAsync(message, ct);
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
            _ = DoAsync(message, _stop.Token).AsTask();
    }

    bool _isSeen;

    async Task PlayAsync()
    {
        _isSeen = false;
        var phone = await phones.ConnectAsync(deviceId, _stop.Token);
        var session = await ScrcpySession.StartAsync(phone, server, _rates.Options, clock, _stop.Token);
        _hands.Use(session);
        var leaving = Task.CompletedTask;
        try
        {
            while (true)
            {
                var next = await ShowAsync(phone, session);
                await leaving;
                (leaving, session) = (LeaveAsync(session), next);
            }
        }
        finally
        {
            await session.DisposeAsync();
            await leaving;
        }
    }

    /// <returns>The session that takes its place.</returns>
    async Task<ScrcpySession> ShowAsync(AdbConnection phone, ScrcpySession session)
    {
        _begin = null;
        var change = new SessionChange(phone, session);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var others = Task.WhenAll(AskForKeyFramesAsync(session, end.Token), HearAsync(session, end.Token),
            _rates.WatchAsync(change, Video, _hands, end.Token));
        try
        {
            while (true)
            {
                var packet = await session.ReadAsync(_stop.Token);
                if (packet.Kind == VideoPacketKind.Session && change.Take() is { } next)
                    return next;
                Take(packet);
            }
        }
        finally
        {
            await end.CancelAsync();
            await others;
        }
    }

    async Task LeaveAsync(ScrcpySession session)
    {
        await Task.Delay(Linger, clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await session.DisposeAsync();
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
        _rates.Made(packet.Data.Length);
        if (packet.Kind != VideoPacketKind.Config)
        {
            _isSeen = true;
            // phones' clocks begin anywhere, and ours goes on where one begins anew
            _begin ??= (hub.Now > _last ? hub.Now : _last + Tick) - packet.Time;
            _last = packet.Time + _begin.Value;
        }
        Video.Add(packet.Data.Span, _last, hub.Now);
    }

    void Lose()
    {
        _hands.Use(null);
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
