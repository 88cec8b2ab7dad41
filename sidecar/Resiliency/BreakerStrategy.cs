using Polly;

namespace CloudPhone.Sidecar.Resiliency;

/// <summary>
/// The breaker as a part of a Polly pipeline. Polly's own breaker opens by a ratio over a sliding window, which can't
/// express rules over consecutive and total counts.
/// </summary>
sealed class BreakerStrategy(CircuitBreaker breaker) : ResilienceStrategy
{
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        long generation;
        try
        {
            generation = breaker.Enter();
        }
        catch (CircuitOpenException e)
        {
            return Outcome.FromException<TResult>(e);
        }
        var success = false;
        try
        {
            var outcome = await callback(context, state);
            success = outcome.Exception is null && outcome.Result is not IAttempted { Failure: not null };
            return outcome;
        }
        finally
        {
            breaker.Leave(generation, success);
        }
    }
}
