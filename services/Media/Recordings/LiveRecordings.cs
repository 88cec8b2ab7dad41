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
    DateTimeOffset _sweptAt;

    public LiveRecording? Find(Guid id) => _bySession.Values.FirstOrDefault(r => r.Id == id);

    /// <summary>One of a session at a time: whoever asks again is told of the one that runs. Nobody waits for the end
    /// of another session's.</summary>
    /// <returns>Null: the user keeps as many, or as much, as may be.</returns>
    public async Task<(Guid Id, bool IsNew)?> BeginAsync(LiveSession session, Guid userId, CancellationToken ct)
    {
        await session.RecordingTurn.WaitAsync(ct);
        try
        {
            if (_bySession.TryGetValue(session.Id, out var running))
            {
                if (running.Reason is null)
                    return (running.Id, false);
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
            _bySession[session.Id] = live;
            _ = live.RunAsync(KeepAsync);
            return (row.Id, true);
        }
        finally
        {
            session.RecordingTurn.Release();
        }
    }

    async Task KeepAsync(LiveRecording live)
    {
        if (live.Failure is { } failure)
            Failed(log, failure.Message);
        while (!await TryAsync(async () =>
        {
            if (live.IsDiscarded || !await InScopeAsync(book => book.EndAsync(live, CancellationToken.None)))
                await InScopeAsync(book => Task.FromResult(book.DeleteFile(live.Id)));
        }, CancellationToken.None))
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
                await LookAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Where one of these fails the others are done all the same.</summary>
    async Task LookAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        var book = scope.ServiceProvider.GetRequiredService<RecordingBook>();
        await TryAsync(() => SayAsync(book, ct), ct);
        await TryAsync(() => book.EndSilentAsync(now - SilentFor, ct), ct);
        if (now - _sweptAt < Hour)
            return;
        _sweptAt = now;
        await TryAsync(() => book.RemoveOldAsync(now - options.Kept, ct), ct);
        await TryAsync(() => book.SweepAsync(now - Hour, ct), ct);
    }

    async Task SayAsync(RecordingBook book, CancellationToken ct)
    {
        foreach (var (id, reason) in await book.SayAsync([.. _bySession.Values.Select(r => r.Id)], ct))
            if (reason is null)
                Find(id)?.Discard();
            else
                Find(id)?.Stop(reason);
    }

    /// <summary>They end with their sessions; what they have is written down.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var live in _bySession.Values)
            live.Stop(StopReasons.ServiceStopped);
        await Task.WhenAll(_bySession.Values.Select(r => r.Done)).WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task<T> InScopeAsync<T>(Func<RecordingBook, Task<T>> act)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<RecordingBook>());
    }

    async Task<bool> TryAsync(Func<Task> act, CancellationToken ct)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            Failed(log, e.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Recordings could not be looked after, it is tried again: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
