namespace CloudPhone.Sidecar.Actors;

/// <summary>
/// The turns of one actor: one call at a time, in the order of their coming. Where the type is reentrant, a call of the
/// chain that has the turn enters at once.
/// </summary>
sealed class ActorTurns(ActorReentrancy reentrancy)
{
    readonly Lock _lock = new();
    readonly LinkedList<(string? Chain, TaskCompletionSource Entered)> _waiting = [];
    string? _chain;
    int _depth;

    public bool IsIdle
    {
        get
        {
            lock (_lock)
                return _depth == 0;
        }
    }

    /// <param name="chain">The reentrancy id; null: a call that nothing nests in.</param>
    /// <exception cref="ActorFailedException">The chain is as deep as it may be.</exception>
    public async Task EnterAsync(string? chain, CancellationToken ct)
    {
        LinkedListNode<(string? Chain, TaskCompletionSource Entered)> node;
        lock (_lock)
        {
            if (_depth == 0)
            {
                (_chain, _depth) = (chain, 1);
                return;
            }
            if (reentrancy.Enabled && chain is not null && chain == _chain)
            {
                if (_depth >= reentrancy.MaxStackDepth)
                    throw new ActorFailedException("maximum stack depth exceeded");
                _depth++;
                return;
            }
            node = _waiting.AddLast((chain, new(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        await using var cancelled = ct.Register(() => GiveUp(node, ct));
        await node.Value.Entered.Task;
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_depth > 0 || _waiting.First is not { } next)
                return;
            _waiting.RemoveFirst();
            (_chain, _depth) = (next.Value.Chain, 1);
            next.Value.Entered.SetResult();
        }
    }

    void GiveUp(LinkedListNode<(string? Chain, TaskCompletionSource Entered)> node, CancellationToken ct)
    {
        lock (_lock)
        {
            if (node.List is null)
                return;
            _waiting.Remove(node);
            node.Value.Entered.SetCanceled(ct);
        }
    }
}

/// <param name="MaxStackDepth">How many calls of one chain may be in one actor at once.</param>
sealed record ActorReentrancy(bool Enabled, int MaxStackDepth);
