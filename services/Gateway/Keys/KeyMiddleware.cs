using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;

namespace CloudPhone.Gateway.Keys;

/// <summary>
/// Puts a token in the place of an API key: from here on a request with a key is like any other. A key that is refused
/// goes on as it is, and is no token.
/// </summary>
sealed class KeyMiddleware(RequestDelegate next, KeyExchange exchange)
{
    const string Bearer = "Bearer ";

    public async Task InvokeAsync(HttpContext http)
    {
        var headers = http.Request.Headers;
        var key = KeyOf(headers);
        headers.Remove(ApiKeyFormat.Header);
        if (key is not null)
            try
            {
                headers.Authorization = Bearer + ((await exchange.TokenOfAsync(key, http))?.Token ?? "unknown");
            }
            catch (TooManyKeysException)
            {
                await Problems.Of(429, "too-many-requests", "Too many API keys that were not seen lately.",
                    ("retryAfterSeconds", 5)).ExecuteAsync(http);
                return;
            }
            catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
            {
                await Problems.Unavailable("unavailable", "API keys can't be checked at the moment.")
                    .ExecuteAsync(http);
                return;
            }
        await next(http);
    }

    /// <returns>Null: there is none. A token, if there is one, counts and not the key beside it.</returns>
    static string? KeyOf(IHeaderDictionary headers)
    {
        var authorization = headers.Authorization.ToString();
        if (authorization.Length == 0)
            return headers[ApiKeyFormat.Header].ToString() is { Length: > 0 } own ? own : null;
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && authorization[Bearer.Length..].Trim() is var shown
            && shown.StartsWith(ApiKeyFormat.Start, StringComparison.Ordinal) ? shown : null;
    }
}

static class KeySetup
{
    public static void AddKeys(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<KeyCache>().AddSingleton<KeyExchange>();
}
