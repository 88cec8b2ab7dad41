using System.Collections.Concurrent;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.WebRtc.Udp;

namespace CloudPhone.Media.Recordings;

/// <summary>The recordings that run here, and what becomes of them; those of processes that have died; and what is too
/// old.</summary>
sealed partial class LiveRecordings(
    RecordingOptions options, UdpHub hub, IServiceScopeFactory scopes, TimeProvider clock, ILogger<LiveRecordings> log)
    : BackgroundService
{
    static readonly TimeSpan Round = TimeSpan.FromSeconds(5), Retry = TimeSpan.FromSeconds(1);
    static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1);

    readonly ConcurrentDictionary<Guid, LiveRecording> _bySession = new();
    readonly SemaphoreSlim _turn = new(1, 1);
    DateTimeOffset _sweptAt;

    public LiveRecording? Find(Guid id) => _bySession.Values.FirstOrDefault(r => r.Id == id);

    /// <summary>One of a session at a time: whoever asks again is told of the one that runs.</summary>
    /// <returns>Its id; null: the user keeps as many, or as much, as may be.</returns>
    public async Task<Guid?> BeginAsync(LiveSession session, Guid userId, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (_bySession.TryGetValue(session.Id, out var running))
            {
                if (running.Reason is null)
                    return running.Id;
                await running.Done.WaitAsync(ct);
            }
            var now = clock.GetUtcNow();
            var row = new Recording
            {
                Id = Guid.CreateVersion7(now), SessionId = session.Id, DeviceId = session.Right.DeviceId,
                UserId = userId, StartedAt = now, SeenAt = now,
            };
            if (!await InScopeAsync(book => book.BeginAsync(row, ct)))
                return null;
            var live = new LiveRecording(row, session, options, hub, clock);
            var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            live.Done = RecordAsync(live, known.Task);
            _bySession[session.Id] = live;
            known.SetResult();
            return row.Id;
        }
        finally
        {
            _turn.Release();
        }
    }

    async Task RecordAsync(LiveRecording live, Task known)
    {
        await known;
        try
        {
            await live.RunAsync();
        }
        catch (Exception e)
        {
            Failed(log, e.Message);
            live.Stop(StopReasons.Of(e));
        }
        while (!await TryAsync(async () =>
        {
            if (live.IsUnwanted || !await InScopeAsync(book => book.EndAsync(live, CancellationToken.None)))
                File.Delete(options.PathOf(live.Id));
        }))
            await Task.Delay(Retry, clock);
        _bySession.TryRemove(new(live.SessionId, live));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Folder is null)
            return;
        using var timer = new PeriodicTimer(Round, clock);
        try
        {
            do
                await TryAsync(() => LookAsync(stoppingToken));
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    async Task LookAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        var book = scope.ServiceProvider.GetRequiredService<RecordingBook>();
        foreach (var (id, reason) in await book.SayAsync([.. _bySession.Values.Select(r => r.Id)], ct))
            if (Find(id) is { } live)
            {
                live.IsUnwanted = reason is null;
                live.Stop(reason ?? StopReasons.Stopped);
            }
        await book.EndSilentAsync(now - SilentFor, ct);
        if (now - _sweptAt < Hour)
            return;
        await book.RemoveOldAsync(now - options.Kept, ct);
        await book.SweepAsync(now - Hour, ct);
        _sweptAt = now;
    }

    /// <summary>They end with their sessions; what they have is written down.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var live in _bySession.Values)
        {
            live.Stop(StopReasons.ServiceStopped);
            await live.Done.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task<T> InScopeAsync<T>(Func<RecordingBook, Task<T>> act)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<RecordingBook>());
    }

    async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(log, e.Message);
            return false;
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    [LoggerMessage(1, LogLevel.Warning, "Recordings could not be looked after, it is tried again: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
