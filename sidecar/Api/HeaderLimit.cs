using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Api;

/// <summary>
/// --read-buffer-size, in the runtime's words; the server itself only stops what is several times larger.
/// </summary>
sealed class HeaderLimit(RequestDelegate next, SidecarOptions options)
{
    readonly int _limit = options.ReadBufferSize + KestrelSetup.HeaderSlack;

    public Task InvokeAsync(HttpContext http)
    {
        var size = 0;
        foreach (var (name, values) in http.Request.Headers)
            for (var i = 0; i < values.Count; i++)
                size += name.Length + 4 + values[i]!.Length;
        if (size <= _limit)
            return next(http);
        http.Response.StatusCode = StatusCodes.Status431RequestHeaderFieldsTooLarge;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync("431 Request Header Fields Too Large");
    }
}
