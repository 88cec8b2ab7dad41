using System.Diagnostics;
using CloudPhone.Shared.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Http;

/// <summary>
/// RFC 9457 problems. <c>type</c> is a stable word that programs can rely on; <c>detail</c> is a sentence for people.
/// </summary>
public static class Problems
{
    /// <summary>It does not exist, or is another's: the answer does not tell which.</summary>
    /// <param name="what">A noun for the sentence, like <c>phone</c>.</param>
    public static ProblemHttpResult NotFound(string what) =>
        Of(StatusCodes.Status404NotFound, "not-found", $"There is no such {what}.");

    /// <summary>The state of the resource does not allow it.</summary>
    public static ProblemHttpResult Conflict(string type, string detail) =>
        Of(StatusCodes.Status409Conflict, type, detail);

    /// <summary>The request itself is wrong, whatever the state of the resource.</summary>
    public static ProblemHttpResult BadRequest(string type, string detail) =>
        Of(StatusCodes.Status400BadRequest, type, detail);

    /// <summary>The caller may see the resource, but not do this.</summary>
    public static ProblemHttpResult Forbidden(string type, string detail) =>
        Of(StatusCodes.Status403Forbidden, type, detail);

    /// <summary>Something that this needs is away; <paramref name="retryAfter"/> says when to try again.</summary>
    public static ProblemHttpResult Unavailable(string type, string detail, TimeSpan? retryAfter = null) =>
        Of(StatusCodes.Status503ServiceUnavailable, type, detail,
            ("retryAfterSeconds", (int)(retryAfter ?? TimeSpan.FromSeconds(5)).TotalSeconds));

    /// <summary>Any other status.</summary>
    /// <param name="more">Members beside the standard ones. <c>retryAfterSeconds</c> is also sent as
    /// Retry-After.</param>
    public static ProblemHttpResult Of(
        int status, string type, string detail, params (string Name, object? Value)[] more) =>
        TypedResults.Problem(
            detail, statusCode: status, type: type, extensions: more.ToDictionary(m => m.Name, m => m.Value));

    /// <summary>
    /// Every problem gets the request id and the trace id; bare 404s and 405s become problems as well.
    /// </summary>
    internal static void AddProblems(this IServiceCollection services) =>
        services.AddProblemDetails(o => o.CustomizeProblemDetails = c =>
        {
            if (c.ProblemDetails.Type is not { } type || type.StartsWith("https://", StringComparison.Ordinal))
                c.ProblemDetails.Type = TypeOf(c.ProblemDetails.Status ?? c.HttpContext.Response.StatusCode);
            c.ProblemDetails.Extensions["requestId"] = RequestId.Current;
            c.ProblemDetails.Extensions["traceId"] = Activity.Current?.TraceId.ToHexString();
            if (c.ProblemDetails.Extensions.TryGetValue("retryAfterSeconds", out var seconds))
                c.HttpContext.Response.Headers.RetryAfter = seconds?.ToString();
        }).AddExceptionHandler<ProblemExceptionHandler>();

    internal static string TypeOf(int status) => status switch
    {
        400 => "bad-request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not-found",
        405 => "method-not-allowed",
        408 => "request-timeout",
        413 => "body-too-large",
        415 => "unsupported-media-type",
        429 => "too-many-requests",
        503 => "unavailable",
        >= 500 => "internal-error",
        _ => "error",
    };
}
