namespace CloudPhone.Users.Sessions;

/// <summary>
/// Lets the attempts at one target be looked at one after the other: a right password that is sent several times at
/// once is then right each time, and does not lock the account as so many attempts without success. Each process has
/// its own; what a few replicas let through beside each other is within what is free.
/// </summary>
sealed class AttemptQueue : IDisposable
{
    /// <summary>Targets that share one wait for each other without need, which is rare.</summary>
    readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1))];

    /// <param name="key">Of <see cref="AttemptCounter.Key"/>.</param>
    /// <returns>To be disposed when the attempt is over.</returns>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken ct)
    {
        var turn = _turns[Convert.FromHexString(key.AsSpan(0, 2))[0]];
        await turn.WaitAsync(ct);
        return new Turn(turn);
    }

    public void Dispose() => Array.ForEach(_turns, t => t.Dispose());

    sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
