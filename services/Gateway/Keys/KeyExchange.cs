using System.Threading.RateLimiting;
using CloudPhone.Contracts;
using CloudPhone.Gateway.Limits;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace CloudPhone.Gateway.Keys;

/// <summary>Exchanges keys for tokens at the user service.</summary>
sealed class KeyExchange(
    [FromKeyedServices(AppIds.Users)] Sibling users, KeyCache cache, GatewayOptions options) : IDisposable
{
    const string Path = "/internal/api-keys/exchange";

    sealed record Request(string Hash);

    sealed record Answer(string Outcome, Guid? KeyId, string? Token, DateTimeOffset? ExpiresAt);

    /// <summary>Keys that are not in the cache yet, for each address: guesses cost the user service a query.</summary>
    readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(http =>
        RateLimits.Bucket(
            RateLimits.Address(http), options.LoginsPerMinute, TimeSpan.FromMinutes(1), options.LoginsPerMinute));

    /// <returns>Null: the key is unknown, revoked or expired.</returns>
    /// <exception cref="TooManyKeysException">From this address came too many new ones.</exception>
    /// <exception cref="SiblingUnavailableException">The user service is away.</exception>
    public async Task<KeyToken?> TokenOfAsync(string key, HttpContext http)
    {
        if (!ApiKeyFormat.IsKey(key))
            return null;
        var hash = ApiKeyFormat.HashOf(key);
        if (cache.TryGet(hash, out var token))
            return token;
        using var lease = _limiter.AttemptAcquire(http);
        if (!lease.IsAcquired)
            throw new TooManyKeysException();
        return await cache.AskAsync(hash, () => AskAsync(hash), http.RequestAborted);
    }

    async Task<KeyToken?> AskAsync(string hash)
    {
        // a time of its own: others may wait for the answer when the first has gone
        var answer = await users.PostAsync<Answer>(
            Path, new Request(hash), Guid.NewGuid().ToString(), CancellationToken.None);
        return answer is { KeyId: { } id, Token: { } token, ExpiresAt: { } until }
            ? new(id, token, new(new JsonWebToken(token).IssuedAt, TimeSpan.Zero), until)
            : null;
    }

    public void Dispose() => _limiter.Dispose();
}

sealed class TooManyKeysException : Exception;
