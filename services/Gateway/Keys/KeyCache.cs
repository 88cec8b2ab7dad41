using System.Collections.Concurrent;
using CloudPhone.Shared.Auth;
using Microsoft.Extensions.Caching.Memory;

namespace CloudPhone.Gateway.Keys;

/// <summary>
/// What the user service said of keys, by their hash: tokens until a minute before their end, refusals for a moment, so
/// that a key costs no call for each request. Who shows made-up keys can't push out good ones: each kind has a room of
/// its own, and both are bounded.
/// </summary>
sealed class KeyCache(Revocations revocations, TimeProvider clock) : IDisposable
{
    const int MaxTokens = 20_000;
    const int MaxRefusals = 10_000;
    static readonly TimeSpan RefusalKept = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    readonly MemoryCache _tokens = new(new MemoryCacheOptions { SizeLimit = MaxTokens });
    readonly MemoryCache _refusals = new(new MemoryCacheOptions { SizeLimit = MaxRefusals });
    readonly ConcurrentDictionary<string, Lazy<Task<KeyToken?>>> _questions = new();

    /// <returns>False: nobody has asked lately. Else the token; null for a key that was refused.</returns>
    public bool TryGet(string hash, out KeyToken? token)
    {
        var now = clock.GetUtcNow();
        if (_tokens.TryGetValue(hash, out token))
        {
            if (now < token!.ExpiresAt - Margin && !revocations.IsRevoked(token.KeyId, token.IssuedAt))
                return true;
            _tokens.Remove(hash);
        }
        token = null;
        return _refusals.TryGetValue(hash, out DateTimeOffset until) && now < until;
    }

    /// <summary>Asks; of many at once with the same key one asks for all.</summary>
    public Task<KeyToken?> AskAsync(string hash, Func<Task<KeyToken?>> ask, CancellationToken ct) =>
        _questions.GetOrAdd(hash, h => new(() => KeepAsync(h, ask))).Value.WaitAsync(ct);

    async Task<KeyToken?> KeepAsync(string hash, Func<Task<KeyToken?>> ask)
    {
        try
        {
            var token = await ask();
            var now = clock.GetUtcNow();
            if (token is null)
                Keep(_refusals, hash, now + RefusalKept, RefusalKept);
            else if (token.ExpiresAt - Margin - now is var kept && kept > TimeSpan.Zero)
                Keep(_tokens, hash, token, kept);
            return token;
        }
        finally
        {
            _questions.TryRemove(hash, out _);
        }
    }

    static void Keep<T>(MemoryCache room, string hash, T what, TimeSpan kept) =>
        room.Set(hash, what, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = kept });

    public void Dispose()
    {
        _tokens.Dispose();
        _refusals.Dispose();
    }
}

/// <param name="KeyId">The <c>sid</c> of the token.</param>
/// <param name="IssuedAt">Its <c>iat</c>.</param>
sealed record KeyToken(Guid KeyId, string Token, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);
