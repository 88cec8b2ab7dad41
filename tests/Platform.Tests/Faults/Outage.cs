using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>A service that dies again as soon as it starts, until this is disposed.</summary>
sealed class Outage : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    readonly CancellationTokenSource _end = new();
    readonly RunningPlatform _platform;
    readonly string _appId;
    readonly Task _killing;

    Outage(RunningPlatform platform, string appId)
    {
        (_platform, _appId) = (platform, appId);
        _killing = KillAsync();
    }

    public static async Task<Outage> OfAsync(RunningPlatform platform, string appId)
    {
        await platform.KillServiceAsync(appId);
        return new(platform, appId);
    }

    async Task KillAsync()
    {
        using var timer = new PeriodicTimer(Pause);
        while (!_end.IsCancellationRequested)
        {
            if (_platform.PidOf(_appId) is { } pid)
                Processes.Send(pid, Processes.Kill);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>The runner's next start of it is let live.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _killing;
        _end.Dispose();
    }
}
