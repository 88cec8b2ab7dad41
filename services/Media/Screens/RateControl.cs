using CloudPhone.Adb;
using CloudPhone.Media.WebRtc;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Scrcpy;
using CloudPhone.Scrcpy.Control;

namespace CloudPhone.Media.Screens;

/// <summary>
/// Keeps one phone's encoder at a rate that all of its viewers can take. scrcpy has one rate from its start to its end:
/// for another, another session is opened, and takes the place of the one that plays when it has its picture ready.
/// </summary>
sealed partial class RateControl(
    Guid deviceId, ScrcpyServerFile server, ScrcpyOptions options, UdpHub hub, TimeProvider clock, ILogger log)
{
    static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    readonly RateSteps _steps = new(options.BitRate);
    long _made;

    /// <summary>Bits a second.</summary>
    public int Rate => _steps.Rate;

    /// <summary>How a session is to be started now.</summary>
    public ScrcpyOptions Options => options with { BitRate = Rate };

    /// <summary>The encoder has made so many bytes.</summary>
    public void Made(int bytes) => Interlocked.Add(ref _made, bytes);

    /// <summary>While a session plays; ends by its token.</summary>
    public async Task WatchAsync(SessionChange change, VideoStream video, PhoneHands hands, CancellationToken ct)
    {
        Interlocked.Exchange(ref _made, 0);
        using var timer = new PeriodicTimer(Round, clock);
        try
        {
            while (!change.Taken.IsCompleted && await timer.WaitForNextTickAsync(ct))
                if (_steps.Due(Interlocked.Exchange(ref _made, 0), video.Room(hub.Now, _steps.Least), hub.Now)
                    is { } rate && hands.AreFree)
                    await TryAsync(rate, change, hands, ct);
        }
        catch (OperationCanceledException)
        {
        }
    }

    async Task TryAsync(int rate, SessionChange change, PhoneHands hands, CancellationToken ct)
    {
        try
        {
            // a phone that somebody put to sleep is not woken
            var next = await ScrcpySession.StartAsync(
                change.Phone, server, options with { BitRate = rate, PowerOn = false }, clock, ct);
            try
            {
                await hands.HandOverAsync(
                    next, () => SettleAsync(next, change, ct), isInPlace: () => !change.Withdraw(), ct);
            }
            finally
            {
                if (change.Withdraw())
                    await next.DisposeAsync();
            }
        }
        catch (Exception e) when (e is ScrcpyException or AdbException)
        {
            NotChanged(log, deviceId, rate, e.Message);
        }
        finally
        {
            if (change.Taken.IsCompleted)
                _steps.Changed(rate, hub.Now);
            else
                _steps.NotChanged(hub.Now);
        }
    }

    /// <summary>A phone does in their order what it is told. Asked last for its video anew, it has done the rest when
    /// that comes.</summary>
    async Task SettleAsync(ScrcpySession next, SessionChange change, CancellationToken ct)
    {
        change.Offer(next);
        await change.Old.SendAsync(new PlainMessage(PlainMessageKind.ResetVideo), ct);
        await change.Taken.WaitAsync(_steps.Patience, clock, ct)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(1, LogLevel.Debug, "Device {Device} keeps its bit rate, and not {Rate}: {Reason}")]
    static partial void NotChanged(ILogger log, Guid device, int rate, string reason);
}
