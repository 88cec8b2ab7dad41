using CloudPhone.Sidecar.Actors.Reminders;
using CloudPhone.Sidecar.Actors.Timers;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.State;

namespace CloudPhone.Sidecar.Actors;

/// <summary>Hosts the actor types that the app names, from its first well-being to the sidecar's end.</summary>
sealed partial class ActorHost(
    AppConfig config, ActorTable table, ActorDeactivation deactivation, ActorTimers timers, ActorReminders reminders,
    ActorStateStore store, ActorDirectory directory, ILogger<ActorHost> log) : IBuildingBlock
{
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
        table.Host(types);
        foreach (var type in types.Keys)
            directory.Add(type, table);
        await reminders.StartAsync(ct);
        IsReady = true;
        LogHosted(types.Keys);
    }

    public async Task StopDeliveringAsync(CancellationToken ct)
    {
        IsReady = false;
        reminders.Stop();
        foreach (var type in table.Types)
            directory.Remove(type, table);
        table.Host(new Dictionary<string, ActorSettings>());
        await deactivation.DrainAsync(ct);
        timers.Clear();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "hosting actors: {Types}")]
    partial void LogHosted(IEnumerable<string> types);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the app names actor types ({Types}), but there is no state store for "
        + "them: set actorStateStore \"true\" in the metadata of one state component")]
    partial void LogNoStore(IEnumerable<string> types);
}
