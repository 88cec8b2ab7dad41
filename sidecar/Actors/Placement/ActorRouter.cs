namespace CloudPhone.Sidecar.Actors.Placement;

/// <summary>The way to an actor of a type that is hosted here: to this sidecar's app or to another host's.</summary>
sealed class ActorRouter(ActorTable table, ActorRegistration registration, ActorPeers peers)
{
    /// <exception cref="ActorNotHostedException">It was not called: nobody has it now, or its host can't be
    /// reached.</exception>
    /// <exception cref="ActorFailedException">The app did not answer 200.</exception>
    public async Task<ActorAnswer> CallAsync(ActorCall call, CancellationToken ct)
    {
        while (true)
            if (await registration.FindAsync(call.Actor, ct) is { } elsewhere)
                return await peers.CallAsync(elsewhere, call, ct);
            else if (await table.CallAsync(call, ct) is { } answer)
                return answer;
    }

    /// <summary>As <see cref="CallAsync"/>, for a call that another host sent here: it goes no further.</summary>
    public async Task<ActorAnswer> CallHereAsync(ActorCall call, CancellationToken ct)
    {
        while (await registration.FindAsync(call.Actor, ct) is null)
            if (await table.CallAsync(call, ct) is { } answer)
                return answer;
        throw new ActorNotHostedException(call.Actor, "it has moved");
    }
}
