namespace CloudPhone.Sidecar.State;

/// <summary>
/// Which of an app's sidecars has which actor: what they all agree on, so that an actor is active in one of them only.
/// A host that is heard of no more loses its actors to whoever asks for them next.
/// </summary>
interface IActorPlacement
{
    /// <summary>A host comes, in place of an earlier one at its address.</summary>
    Task RegisterAsync(ActorHostId host, TimeSpan lease, CancellationToken ct);

    /// <summary>The host lives on. In time it keeps all its actors.</summary>
    Task<LeaseRenewal> RenewAsync(ActorHostId host, TimeSpan lease, CancellationToken ct);

    /// <summary>The host goes; its actors are free.</summary>
    Task LeaveAsync(ActorHostId host, CancellationToken ct);

    /// <summary>
    /// The address of the host that has the actor. If none has it, it is the asking one's from now on.
    /// </summary>
    /// <returns>Null: the asking host is registered no more.</returns>
    Task<string?> PlaceAsync(ActorHostId host, string actorType, string actorId, CancellationToken ct);

    /// <summary>Gives the actor up, if this host has it.</summary>
    Task ReleaseAsync(ActorHostId host, string actorType, string actorId, CancellationToken ct);
}

/// <param name="Address">Host and internal port.</param>
/// <param name="Session">Another one with each registration.</param>
sealed record ActorHostId(string Address, string Session);

/// <summary>What became of a renewal. After any but the first the host deactivates all of its actors.</summary>
enum LeaseRenewal
{
    Renewed,

    /// <summary>It came too late: others may have taken the host's actors.</summary>
    Expired,

    /// <summary>
    /// The registration is not there: the store has lost its data, or another host is at the address.
    /// </summary>
    Unknown,
}
