namespace CloudPhone.Sidecar.Actors;

/// <summary>An actor that the app may have in memory.</summary>
sealed class ActiveActor(ActorKey key, ActorSettings settings, DateTimeOffset now)
{
    long _lastUsed = now.UtcTicks;

    public ActorKey Key => key;
    public ActorSettings Settings => settings;
    public ActorTurns Turns { get; } = new(settings.Reentrancy);

    /// <summary>Being deactivated: whoever gets the turn now looks for the next one of that id.</summary>
    public bool IsClosed { get; set; }

    public DateTimeOffset IdleAt =>
        new DateTimeOffset(Interlocked.Read(ref _lastUsed), TimeSpan.Zero) + settings.IdleTimeout;

    public void Used(DateTimeOffset at) => Interlocked.Exchange(ref _lastUsed, at.UtcTicks);
}
