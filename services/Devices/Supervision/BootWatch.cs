using System.Collections.Concurrent;
using CloudPhone.Adb;
using CloudPhone.Adb.Shell;
using CloudPhone.Devices.Providers;

namespace CloudPhone.Devices.Supervision;

/// <summary>Looks at phones that boot, often at first and then less so, and lets their actor go on when they are up or
/// gone.</summary>
sealed partial class BootWatch(
    IDeviceProvider provider, AdbPhones phones, ResumeQueue queue, TimeProvider clock,
    IHostApplicationLifetime lifetime, ILogger<BootWatch> log)
{
    /// <summary>A phone that is up says so at once; one that says nothing is not up.</summary>
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);
    /// <summary>Then the sweep decides whether it goes on.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    /// <summary>Databases keep less of a time than this process does.</summary>
    static readonly TimeSpan DatabaseDoubt = TimeSpan.FromMilliseconds(1);
    readonly ConcurrentDictionary<Guid, bool> _watched = new();
    readonly ConcurrentDictionary<Guid, DateTimeOffset> _started = new();

    /// <summary>This process starts no phone before that.</summary>
    public DateTimeOffset Since { get; } = clock.GetUtcNow();

    /// <summary>That this process has switched a phone on for the boot that began then.</summary>
    public void NoteStart(Guid deviceId, DateTimeOffset boot) => _started[deviceId] = boot;

    public bool HasStarted(Guid deviceId, DateTimeOffset boot) =>
        _started.TryGetValue(deviceId, out var noted) && (noted - boot).Duration() < DatabaseDoubt;

    public void Forget(Guid deviceId) => _started.TryRemove(deviceId, out _);

    public void Watch(Guid deviceId)
    {
        if (_watched.TryAdd(deviceId, true))
            _ = WatchAsync(deviceId, lifetime.ApplicationStopping);
    }

    async Task WatchAsync(Guid id, CancellationToken ct)
    {
        try
        {
            await WaitAsync(id, ct);
        }
        catch (ProviderException e)
        {
            Failed(log, id, e.Message);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            _watched.TryRemove(id, out _);
        }
        queue.Add(id);
    }

    async Task WaitAsync(Guid id, CancellationToken ct)
    {
        var pause = FirstPause;
        for (var end = clock.GetUtcNow() + Limit; clock.GetUtcNow() < end;)
        {
            await Task.Delay(pause, clock, ct);
            var state = await provider.GetStateAsync(id, ct);
            if (!state.Running || await IsBootedAsync(id, state, ct))
                return;
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 5 / 4, MaxPause.Ticks));
        }
    }

    /// <summary>Whether Android is up, which only the phone itself knows.</summary>
    public async Task<bool> IsBootedAsync(Guid id, PhoneState state, CancellationToken ct)
    {
        if (state.Adb is null)
            return false;
        using var limit = new CancellationTokenSource(AnswerLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await phones.Of(id).IsBootedAsync(either.Token);
        }
        catch (Exception e) when (e is AdbException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false; // its adbd is not up
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The boot of device {Device} can't be watched: {Reason}")]
    static partial void Failed(ILogger log, Guid device, string reason);
}
