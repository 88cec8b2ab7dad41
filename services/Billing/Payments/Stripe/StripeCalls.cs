using System.Net;
using System.Text.Json;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using Stripe;

namespace CloudPhone.Billing.Payments.Stripe;

/// <summary>
/// Calls of Stripe's API, with time-outs, a short repetition, and two kinds of failure: it refused, or is away. All of
/// them that change something carry an idempotency key, so a repetition is safe whatever became of the first.
/// </summary>
sealed class StripeCalls
{
    readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 1, Delay = TimeSpan.FromMilliseconds(300), UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<Exception>(IsAway),
        })
        // both tries fit into the time that a request of a user has
        .AddTimeout(TimeSpan.FromSeconds(4))
        .Build();

    public StripeCalls(StripeSettings settings) => Client = new StripeClient(new StripeClientOptions
    {
        ApiKey = settings.SecretKey, ApiBase = settings.ApiBase ?? "https://api.stripe.com",
        HttpClient = new SystemNetHttpClient(
            new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }),
            maxNetworkRetries: 0, appInfo: null, enableTelemetry: false),
    });

    public IStripeClient Client { get; }

    public async Task<T> DoAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken ct)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async token => await call(token), ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && (IsAway(e) || e is StripeException { } s && IsOurs(s)))
        {
            throw new ProviderAwayException(StripeProvider.ProviderName, e);
        }
    }

    /// <summary>For questions. Whatever goes wrong with one says nothing about what was asked for.</summary>
    /// <exception cref="ProviderAwayException">Ask again later.</exception>
    public async Task<T> ReadAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken ct)
    {
        try
        {
            return await DoAsync(call, ct);
        }
        catch (StripeException e)
        {
            throw new ProviderAwayException(StripeProvider.ProviderName, e);
        }
    }

    static bool IsAway(Exception e) => e switch
    {
        StripeException s => s.StripeResponse is null || (int)s.HttpStatusCode >= 500
            || s.HttpStatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict,
        _ => e is HttpRequestException or TaskCanceledException or TimeoutRejectedException or IOException
            or JsonException,
    };

    /// <summary>A wrong key, of either kind, is our mistake and says nothing about the payment.</summary>
    static bool IsOurs(StripeException e) => e.StripeError?.Type == "idempotency_error"
        || e.HttpStatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
}
