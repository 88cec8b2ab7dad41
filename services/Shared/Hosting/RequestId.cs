using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Shared.Hosting;

/// <summary>The id that ties together the log lines, calls, problems and events of one user's request.</summary>
public static class RequestId
{
    /// <summary>Taken from callers where it is valid, and in every answer.</summary>
    public const string Header = "X-Request-ID";
    static readonly AsyncLocal<string?> Ambient = new();

    /// <summary>That of the request or event in hand; null outside of one.</summary>
    public static string? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>
    /// 1 to 64 letters, digits, dots, underscores and hyphens: nothing that could forge a log line or a header.
    /// </summary>
    public static bool IsValid(string? id) =>
        id is { Length: > 0 and <= 64 } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>
    /// For what no request caused, and for requests without a valid one: 32 hexadecimal digits that order by time.
    /// </summary>
    public static string New() => Guid.CreateVersion7().ToString("N");
}

/// <summary>Takes the caller's id if it is valid, else makes one; answers with it.</summary>
sealed class RequestIdMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        var given = http.Request.Headers[RequestId.Header].ToString();
        var id = RequestId.IsValid(given) ? given : RequestId.New();
        RequestId.Current = id;
        http.Request.Headers[RequestId.Header] = id;
        http.Response.OnStarting(
            static state => // late, because what answers an exception begins with clearing the headers
        {
            var response = (HttpResponse)state;
            response.Headers[RequestId.Header] = response.HttpContext.Request.Headers[RequestId.Header];
            return Task.CompletedTask;
        }, http.Response);
        Activity.Current?.SetTag("cloudphone.request_id", id);
        return next(http);
    }
}
