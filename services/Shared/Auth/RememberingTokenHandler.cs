using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// A client sends the same token with each request: one that was found good stays so until it ends, without another
/// look at its signature. Whether its session was revoked is asked each time, elsewhere.
/// </summary>
sealed class RememberingTokenHandler : JsonWebTokenHandler, IDisposable
{
    /// <summary>Only good tokens take a place, so nobody without one can fill it. The least recently used go.</summary>
    const int MaxTokens = 5000;
    readonly MemoryCache _good = new(new MemoryCacheOptions { SizeLimit = MaxTokens });

    public override async Task<TokenValidationResult> ValidateTokenAsync(
        string token, TokenValidationParameters validationParameters)
    {
        if (_good.TryGetValue(token, out TokenValidationResult? known))
            return known!;
        var result = await base.ValidateTokenAsync(token, validationParameters);
        if (result.IsValid && result.SecurityToken.ValidTo is var end && end > DateTime.UtcNow)
            _good.Set(token, result, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpiration = end });
        return result;
    }

    public void Dispose() => _good.Dispose();
}
