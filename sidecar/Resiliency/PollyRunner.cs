using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace CloudPhone.Sidecar.Resiliency;

/// <summary>Retry around breaker around time-out, as a Polly pipeline.</summary>
sealed partial class PollyRunner : PolicyRunner
{
    static readonly ResiliencePropertyKey<DateTimeOffset> Started = new("started");

    readonly string _name;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly ResiliencePipeline _pipeline;

    public PollyRunner(
        string name, TimeSpan? timeout, RetrySpec? retry, CircuitBreaker? breaker, TimeProvider time, ILogger log)
    {
        (_name, _time, _log, Timeout) = (name, time, log, timeout);
        Repeats = retry is { MaxRetries: not 0 };
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (retry is { MaxRetries: not 0 })
            builder.AddRetry(Retry(retry));
        if (breaker is not null)
            builder.AddStrategy(_ => new BreakerStrategy(breaker), new BreakerOptions());
        if (timeout is { } limit)
            builder.AddTimeout(new TimeoutStrategyOptions { TimeoutGenerator = _ => new(limit) });
        _pipeline = builder.Build();
    }

    public override TimeSpan? Timeout { get; }

    public override bool Repeats { get; }

    public override async Task<T> RunAsync<T>(
        Func<CancellationToken, Task<T>> attempt, Func<T, int?> failure, CancellationToken ct)
    {
        var context = ResilienceContextPool.Shared.Get(ct);
        context.Properties.Set(Started, _time.GetUtcNow());
        try
        {
            var attempted = await _pipeline.ExecuteAsync(static async (context, state) =>
            {
                var result = await state.attempt(context.CancellationToken);
                return new Attempted<T>(result, state.failure(result));
            }, context, (attempt, failure));
            return attempted.Result;
        }
        catch (TimeoutRejectedException e)
        {
            throw new TimeoutException("context deadline exceeded", e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    RetryStrategyOptions Retry(RetrySpec retry) => new()
    {
        MaxRetryAttempts = retry.MaxRetries < 0 ? int.MaxValue : retry.MaxRetries,
        ShouldHandle = args => new(IsRepeated(retry, args.Outcome) && !IsLate(retry, args.Context)),
        DelayGenerator = args => new(Backoff.Delay(retry, args.AttemptNumber, Random.Shared.NextDouble())),
        OnRetry = args =>
        {
            if (args.AttemptNumber == 0)
                Repeating(_log, _name, Reason(args.Outcome), args.RetryDelay);
            return default;
        },
    };

    bool IsLate(RetrySpec retry, ResilienceContext context) => retry.Exponential
        && _time.GetUtcNow() - context.Properties.GetValue(Started, default) >= RetrySpec.MaxElapsed;

    static bool IsRepeated(RetrySpec retry, Outcome<object> outcome) => outcome switch
    {
        { Exception: PermanentException or CircuitOpenException } => false,
        { Exception: CodedException e } => Matches(retry, e.Code),
        { Exception: not null } => true,
        { Result: IAttempted { Failure: { } code } } => Matches(retry, code),
        _ => false,
    };

    static bool Matches(RetrySpec retry, int code) => code switch
    {
        >= 0 and <= 16 => retry.Grpc?.Contains(code) ?? true,
        >= 100 and <= 599 => retry.Http?.Contains(code) ?? true,
        _ => true,
    };

    static string Reason(Outcome<object> outcome) =>
        outcome.Exception?.Message ?? $"status {(outcome.Result as IAttempted)?.Failure}";

    [LoggerMessage(21, LogLevel.Information, "{Name} failed ({Reason}); repeating it in {Delay}")]
    static partial void Repeating(ILogger log, string name, string reason, TimeSpan delay);

    sealed class BreakerOptions : ResilienceStrategyOptions;
}
