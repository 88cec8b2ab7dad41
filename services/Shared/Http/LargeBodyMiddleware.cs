using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Shared.Http;

/// <summary>
/// Whoever sends a body that is too large gets to read so. Kestrel closes the connection at once otherwise, with the
/// rest of the body on its way, and the sender sees a broken pipe instead of the answer.
/// </summary>
sealed class LargeBodyMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        http.Response.OnStarting(static state =>
        {
            var http = (HttpContext)state;
            // without a limit Kestrel reads on after the answer, for 5 s, and keeps nothing of it
            if (http.Response.StatusCode == StatusCodes.Status413PayloadTooLarge
                && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = null;
            return Task.CompletedTask;
        }, http);
        return next(http);
    }
}
