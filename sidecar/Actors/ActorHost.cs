using CloudPhone.Sidecar.Actors.Placement;
using CloudPhone.Sidecar.Actors.Reminders;
using CloudPhone.Sidecar.Actors.Timers;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.State;

namespace CloudPhone.Sidecar.Actors;

/// <summary>Hosts the actor types that the app names, from its first well-being to the sidecar's end.</summary>
sealed partial class ActorHost(
    AppConfig config, ActorTable table, ActorDeactivation deactivation, ActorTimers timers, ActorReminders reminders,
    ActorRegistration registration, ActorRouter router, ActorStateStore store, ActorDirectory directory,
    TimeProvider time, ILogger<ActorHost> log) : IBuildingBlock, IDisposable
{
    static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>For an app that does not even answer that its actors are gone.</summary>
    static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(30);

    CancellationTokenSource _stopping = new();
    Task _starting = Task.CompletedTask;

    /// <summary>Nothing is to come, or everything is hosted.</summary>
    public bool IsReady { get; private set; }

    public async Task StartDeliveringAsync(CancellationToken ct)
    {
        var types = config.Entities.Distinct().ToDictionary(t => t, t => ActorSettings.For(t, config));
        if (types.Count == 0)
            return;
        if (store.Instance is null)
        {
            LogNoStore(types.Keys);
            return;
        }
        _stopping = new();
        if (!await TryStartAsync(types, ct))
            _starting = StartLaterAsync(types, _stopping.Token);
    }

    public async Task StopDeliveringAsync(CancellationToken ct)
    {
        await _stopping.CancelAsync();
        await _starting;
        IsReady = false;
        await reminders.StopAsync();
        foreach (var type in table.Types)
            directory.Remove(type, router);
        table.Host(new Dictionary<string, ActorSettings>());
        await LetGoAsync(ct);
        await registration.StopAsync();
    }

    public void Dispose() => _stopping.Dispose();

    async Task<bool> TryStartAsync(Dictionary<string, ActorSettings> types, CancellationToken ct)
    {
        try
        {
            await registration.StartAsync(LoseAsync, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogNotHosted(types.Keys, e.Message);
            return false;
        }
        table.Host(types);
        foreach (var type in types.Keys)
            directory.Add(type, router);
        reminders.Start();
        IsReady = true;
        LogHosted(types.Keys);
        return true;
    }

    async Task StartLaterAsync(Dictionary<string, ActorSettings> types, CancellationToken ct)
    {
        try
        {
            do
                await Task.Delay(BetweenTries, time, ct);
            while (!await TryStartAsync(types, ct));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }

    async Task LoseAsync()
    {
        using var limit = new CancellationTokenSource(LongestFarewell, time);
        try
        {
            await LetGoAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // whoever is left is asked to go once more
        }
    }

    async Task LetGoAsync(CancellationToken ct)
    {
        await deactivation.DrainAsync(ct);
        timers.Clear();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "hosting actors: {Types}")]
    partial void LogHosted(IEnumerable<string> types);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the app's actor types ({Types}) are not hosted yet, tried again until they are: {Error}")]
    partial void LogNotHosted(IEnumerable<string> types, string error);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the app names actor types ({Types}), but there is no state store for "
        + "them: set actorStateStore \"true\" in the metadata of one state component")]
    partial void LogNoStore(IEnumerable<string> types);
}
