using System.Text;
using CloudPhone.Shared.Http;

namespace CloudPhone.Gateway.Proxy;

/// <summary>
/// Headers with other characters than ASCII can't go on, and none of the platform's needs them: they are left behind,
/// as a cookie of somebody else's page or the name of a client. A key that would be lost by that is refused.
/// </summary>
sealed class PlainHeaders(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        List<string>? odd = null;
        foreach (var (name, values) in http.Request.Headers)
            foreach (var value in values)
                if (value is not null && !Ascii.IsValid(value))
                    (odd ??= []).Add(name);
        if (odd is null)
            return next(http);
        if (odd.Contains(Forwarder.KeyHeader, StringComparer.OrdinalIgnoreCase))
            return Problems.BadRequest("bad-request", $"{Forwarder.KeyHeader} has visible ASCII characters only.")
                .ExecuteAsync(http);
        foreach (var name in odd)
            http.Request.Headers.Remove(name);
        return next(http);
    }
}
