namespace CloudPhone.Sidecar.Actors.Placement;

/// <summary>The way to an actor of a type that is hosted here: to this sidecar's app or to another host's.</summary>
sealed class ActorRouter(ActorTable table, ActorRegistration registration, ActorPeers peers, TimeProvider time)
{
    /// <summary>How often a call at another host looks whether that still is one: it may stand still.</summary>
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    /// <exception cref="ActorNotHostedException">It was not called: nobody has it now, or its host can't be
    /// reached.</exception>
    /// <exception cref="ActorFailedException">The app did not answer 200, or its host was lost meanwhile.</exception>
    public async Task<ActorAnswer> CallAsync(ActorCall call, CancellationToken ct)
    {
        while (true)
            if (await registration.FindAsync(call.Actor, ct) is { } elsewhere)
                return await CallElsewhereAsync(elsewhere, call, ct);
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

    async Task<ActorAnswer> CallElsewhereAsync(string address, ActorCall call, CancellationToken ct)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var calling = peers.CallAsync(address, call, ended.Token);
        try
        {
            while (await Task.WhenAny(calling, Task.Delay(BetweenLooks, time, ended.Token)) != calling)
            {
                ct.ThrowIfCancellationRequested();
                if (await HasMovedAsync(call.Actor, address, ct))
                    throw new ActorFailedException($"the sidecar at {address} was lost during the call");
            }
            return await calling;
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    async Task<bool> HasMovedAsync(ActorKey actor, string address, CancellationToken ct)
    {
        try
        {
            return await registration.FindAsync(actor, ct) != address;
        }
        catch (ActorNotHostedException)
        {
            return false; // nobody knows now
        }
    }
}
