using System.Net.Sockets;
using CloudPhone.Sidecar.App;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// The second half of a sidecar's start, once its APIs are served: waits for the app's port, follows its health,
/// asks for /dapr/config and lets the building blocks deliver.
/// </summary>
sealed partial class AppLifecycle(
    SidecarOptions options, AppChannel channel, AppConfig config, IEnumerable<IBuildingBlock> blocks,
    RuntimeStatus status, TimeProvider time, ILogger<AppLifecycle> log) : IDisposable
{
    static readonly TimeSpan PortProbeInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan StopDeliveryLimit = TimeSpan.FromSeconds(30);

    static readonly TimeSpan BetweenAsking = TimeSpan.FromSeconds(2);

    readonly CancellationTokenSource _ending = new();
    readonly TaskCompletionSource _ill = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly IBuildingBlock[] _blocks = [.. blocks];
    Task _running = Task.CompletedTask;
    bool _delivering, _asked;
    volatile bool _hasEnded;
    long _lastAsked;

    public void Start()
    {
        if (options.EnableAppHealthCheck)
            channel.IsHealthy = false;
        _running = RunAsync(_ending.Token);
    }

    /// <summary>
    /// Whoever runs the app saw its process end: with the next check it counts as ill, however few have failed. So what
    /// it had in hand waits for it, and is not tried in vain.
    /// </summary>
    public void AppEnded() => _hasEnded = true;

    /// <summary>
    /// Ends deliveries for good; with --dapr-block-shutdown-duration then keeps the APIs up for that long.
    /// </summary>
    public async Task StopAsync()
    {
        if (options.BlockShutdownDuration is { } block && channel.HasApp)
        {
            await SetDeliveringAsync(false, options.GracefulShutdown, CancellationToken.None);
            await Task.WhenAny(_ill.Task, Task.Delay(block, time));
        }
        await _ending.CancelAsync();
        await _running;
        await SetDeliveringAsync(false, options.GracefulShutdown, CancellationToken.None);
    }

    public void Dispose() => _ending.Dispose();

    async Task RunAsync(CancellationToken ct)
    {
        try
        {
            if (!channel.HasApp)
            {
                status.IsReady = true;
                return;
            }
            await WaitForPortAsync(ct);
            if (!options.EnableAppHealthCheck)
            {
                await AskAppAsync(ct);
                await SetDeliveringAsync(true, default, ct);
            }
            status.IsReady = true;
            if (options.EnableAppHealthCheck)
                await FollowHealthAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            LogBroken(e, options.AppId);
        }
    }

    async Task WaitForPortAsync(CancellationToken ct)
    {
        LogWaiting(options.AppPort);
        while (true)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(options.AppChannelAddress, options.AppPort!.Value, ct);
                LogFound(options.AppPort);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(PortProbeInterval, time, ct);
            }
        }
    }

    async Task FollowHealthAsync(CancellationToken ct)
    {
        var failures = 0;
        using var timer = new PeriodicTimer(options.AppHealthProbeInterval, time);
        do
        {
            failures = await FailuresAsync(failures, ct);
            if (failures == 0 && !channel.IsHealthy)
            {
                LogWell(options.AppId);
                channel.IsHealthy = true;
                await AskAppAsync(ct);
                await SetDeliveringAsync(true, default, ct);
            }
            else if (failures == 0 && !_asked && time.GetElapsedTime(_lastAsked) > BetweenAsking
                && await AskAppAsync(ct))
            {
                await SetDeliveringAsync(false, StopDeliveryLimit, ct);
                await SetDeliveringAsync(true, default, ct); // with what it says now
            }
            else if (failures >= options.AppHealthThreshold && channel.IsHealthy)
            {
                LogIll(options.AppId, failures);
                channel.IsHealthy = false;
                _ill.TrySetResult();
                await SetDeliveringAsync(false, StopDeliveryLimit, ct);
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    async Task<int> FailuresAsync(int before, CancellationToken ct)
    {
        if (!_hasEnded)
            return await channel.ProbeAsync(time, ct) ? 0 : before + 1;
        _hasEnded = false; // the one that is started next may answer
        return options.AppHealthThreshold;
    }

    /// <summary>What the app declares is asked for until it has said it.</summary>
    /// <returns>False: it died or failed meanwhile.</returns>
    async Task<bool> AskAppAsync(CancellationToken ct)
    {
        if (_asked)
            return true;
        var isTold = await config.FetchAsync(channel, ct);
        foreach (var block in _blocks)
            isTold &= await block.AskAppAsync(ct);
        _lastAsked = time.GetTimestamp();
        return _asked = isTold;
    }

    /// <summary>One block that fails does not keep the others from their work.</summary>
    async Task SetDeliveringAsync(bool deliver, TimeSpan limit, CancellationToken ct)
    {
        if (_delivering == deliver)
            return;
        _delivering = deliver;
        using var timeout = new CancellationTokenSource(deliver ? Timeout.InfiniteTimeSpan : limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        foreach (var block in _blocks)
            try
            {
                await (deliver ? block.StartDeliveringAsync(either.Token) : block.StopDeliveringAsync(either.Token));
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                LogBlockFailed(e, block.GetType().Name, deliver ? "start" : "stop");
            }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "waiting for the app on port {Port}")]
    partial void LogWaiting(int? port);

    [LoggerMessage(Level = LogLevel.Information, Message = "the app is there on port {Port}")]
    partial void LogFound(int? port);

    [LoggerMessage(Level = LogLevel.Information, Message = "app {AppId} is healthy")]
    partial void LogWell(string appId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "app {AppId} is not healthy: {Failures} failed checks")]
    partial void LogIll(string appId, int failures);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Block} could not {What} its deliveries")]
    partial void LogBlockFailed(Exception e, string block, string what);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the sidecar of {AppId} lost sight of its app")]
    partial void LogBroken(Exception e, string appId);
}
