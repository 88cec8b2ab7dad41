namespace CloudPhone.Sidecar.Resiliency;

/// <summary>
/// One target's policy, composed as the runtime does it: retry( circuit breaker( time-out( attempt ) ) ).
/// </summary>
abstract class PolicyRunner
{
    /// <summary>Runs the attempt once: no policy applies.</summary>
    public static PolicyRunner None { get; } = new PassThrough();

    /// <summary>How long one attempt may take; null: no limit. For what goes on after the attempt, like a body that
    /// streams.</summary>
    public virtual TimeSpan? Timeout => null;

    /// <summary>Whether an attempt may be followed by another, so that its input must be kept.</summary>
    public virtual bool Repeats => true;

    /// <param name="attempt">One attempt; its token fires at the time-out.</param>
    /// <param name="failure">The status code of a result that counts as a failure (HTTP 100 to 599, gRPC 0 to 16), null
    /// for a success. A code is what <c>matching</c> looks at. After the last try the failing result is returned as
    /// it is.</param>
    /// <returns>The last attempt's result. Exceptions of the attempt are always retried, unless they are
    /// <see cref="PermanentException"/> or cancellation of <paramref name="ct"/>, and thrown after the last
    /// try.</returns>
    /// <exception cref="TimeoutException">The last attempt took too long; the message is "context deadline
    /// exceeded".</exception>
    /// <exception cref="CircuitOpenException">The breaker refused; retries end at once.</exception>
    public abstract Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> attempt, Func<T, int?> failure, CancellationToken ct);

    public Task RunAsync(Func<CancellationToken, Task> attempt, CancellationToken ct) =>
        RunAsync(async t => { await attempt(t); return true; }, _ => null, ct);

    sealed class PassThrough : PolicyRunner
    {
        public override bool Repeats => false;

        public override Task<T> RunAsync<T>(
            Func<CancellationToken, Task<T>> attempt, Func<T, int?> failure, CancellationToken ct) =>
            attempt(ct);
    }
}

/// <summary>"circuit breaker is open" or "too many requests".</summary>
sealed class CircuitOpenException(string message) : Exception(message);

/// <summary>A failure that no retry may repeat.</summary>
sealed class PermanentException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A failure with a status code, which a retry policy's <c>matching</c> looks at.</summary>
sealed class CodedException(int code, string message) : Exception(message)
{
    public int Code => code;
}
