using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPhone.Shared.Data;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Http;

/// <summary>
/// Turns exceptions that a handler lets through into problems; what is a defect is logged and shows nothing of itself.
/// </summary>
sealed partial class ProblemExceptionHandler(IProblemDetailsService problems, ILogger<ProblemExceptionHandler> log)
    : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext http, Exception exception, CancellationToken ct)
    {
        if (exception is OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }
        var (status, type, detail) = Describe(exception);
        if (status >= 500)
            Failed(log, http.Request.Method, http.Request.Path, exception);
        http.Response.StatusCode = status;
        var problem = new ProblemDetailsContext
        {
            HttpContext = http, ProblemDetails = { Status = status, Type = type, Detail = detail },
        };
        if (exception is BadHttpRequestException { InnerException: JsonException json }
            && Missing(json) is { Count: > 0 } missing)
        {
            problem.ProblemDetails.Detail = string.Join(' ', missing.Select(IsMissing));
            problem.ProblemDetails.Extensions["errors"] = missing.ToDictionary(f => f, f => new[] { IsMissing(f) });
        }
        if (status == StatusCodes.Status503ServiceUnavailable)
            problem.ProblemDetails.Extensions["retryAfterSeconds"] = 5;
        return await problems.TryWriteAsync(problem);
    }

    static (int Status, string Type, string Detail) Describe(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: 413 } =>
            (413, "body-too-large", "The body is larger than this route takes."),
        BadHttpRequestException { InnerException: JsonException json } =>
            (400, "bad-request",
                $"The body is not what this route takes{(json.Path is { Length: > 0 } p ? $"; see {p}" : "")}."),
        // the framework's words for a parameter speak of its own types
        BadHttpRequestException { StatusCode: 400 } bad when Parameter().Match(bad.Message) is { Success: true } m =>
            (400, "bad-request", $"{m.Groups[1].Value} is not what this route takes."),
        BadHttpRequestException { StatusCode: 400 } bad when MissingBody().IsMatch(bad.Message) =>
            (400, "bad-request", "This route needs a body."),
        BadHttpRequestException bad => (bad.StatusCode, Problems.TypeOf(bad.StatusCode), bad.Message),
        DbUpdateConcurrencyException =>
            (409, "concurrent-change", "Somebody else changed this at the same time; read it again and repeat."),
        SiblingUnavailableException away => (503, "unavailable", away.Message),
        _ when DatabaseErrors.IsUnstorableText(exception) =>
            (400, "bad-request", "Text can't contain the character U+0000."),
        _ when DatabaseErrors.IsPassing(exception) => (503, "unavailable", "The database can't be reached."),
        _ => (500, "internal-error", "Something went wrong here; the request id helps us find it."),
    };

    static string IsMissing(string field) => $"{field} is missing.";

    /// <returns>The fields that the body needs and does not have, the first of them where it lacks many.</returns>
    static List<string> Missing(JsonException json)
    {
        // only its message tells them, after the name of a type of ours that is nobody's business
        if (MissingFields().Match(json.Message) is not { Success: true } found)
            return [];
        var parent = json.Path is ['$', '.', ..] path ? path[2..] + "." : "";
        return [.. found.Groups[1].Captures.Select(c => parent + c.Value)];
    }

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    static partial void Failed(ILogger log, string method, PathString path, Exception exception);

    [GeneratedRegex("^Failed to bind parameter \"\\S+ (\\w+)\"")]
    private static partial Regex Parameter();

    [GeneratedRegex("^(Required parameter .* was not provided from body|Implicit body inferred for parameter)")]
    private static partial Regex MissingBody();

    [GeneratedRegex("missing required properties including:(?: '([^']+)',?)+")]
    private static partial Regex MissingFields();
}
