using System.Text.Encodings.Web;
using System.Text.Json;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Api;

/// <summary>The runtime's error body: {errorCode, message}.</summary>
sealed partial class ApiErrors(ILogger<ApiErrors> log)
{
    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpResponse response, int status, string errorCode, string message)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        var body = JsonSerializer.SerializeToUtf8Bytes(new { errorCode, message }, Json);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>Answers for what an endpoint threw; a response that has begun can only be broken off.</summary>
    public async Task WriteAsync(HttpContext http, Exception e)
    {
        if (http.RequestAborted.IsCancellationRequested)
            return;
        if (http.Response.HasStarted)
        {
            LogBroken(e, http.Request.Method, http.Request.Path);
            http.Abort();
            return;
        }
        http.Response.Clear();
        switch (e)
        {
            case ApiException api:
                await WriteAsync(http.Response, api.HttpStatus, api.ErrorCode, api.Message);
                break;
            case BodyTooLargeException:
                await WriteAsync(http.Response, StatusCodes.Status413PayloadTooLarge, "ERR_BODY_TOO_LARGE", e.Message);
                break;
            case BadHttpRequestException bad:
                await WriteAsync(http.Response, bad.StatusCode, "ERR_MALFORMED_REQUEST", bad.Message);
                break;
            default:
                LogUnexpected(e, http.Request.Method, http.Request.Path);
                await WriteAsync(http.Response, StatusCodes.Status500InternalServerError, "ERR_INTERNAL", e.Message);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    partial void LogUnexpected(Exception e, string method, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} broke off after its answer had begun")]
    partial void LogBroken(Exception e, string method, string path);
}

sealed class ErrorWriter(RequestDelegate next, ApiErrors errors)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (!Ports.IsGrpc(http.Request))
        {
            await errors.WriteAsync(http, e);
        }
    }
}
