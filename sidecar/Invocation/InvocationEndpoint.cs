using System.Diagnostics;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>
/// Any verb on <c>/v1.0/invoke/{id}/method/{path}</c>, and on every path that nothing else has if a header names
/// the app.
/// </summary>
static class InvocationEndpoint
{
    public static async Task HandleAsync(
        HttpContext http, SidecarOptions options, ServiceInvoker invoker, ResiliencyPolicies policies,
        TraceContext traces)
    {
        var id = "";
        try
        {
            if (HttpMethods.IsConnect(http.Request.Method))
                throw new InvocationException("rpc error: code = InvalidArgument desc = CONNECT can't be forwarded");
            var target = InvocationTarget.Read(http);
            id = target.Typed;
            var policy = policies.ForApp(target.Typed, target.Path);
            var body = await RequestBody.ReadAsync(http, options, keep: policy.Repeats, http.RequestAborted);
            using var span = traces.IsOn
                ? traces.Start($"CallLocal/{target.AppId}{target.Path}", ActivityKind.Client, http.Request.Headers)
                : null;
            await new InvocationCall(http, target, body, policy, invoker, span?.Id).RunAsync();
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
        }
        catch (InvocationException e)
        {
            await FailAsync(http, id.Length > 0 ? id : e.Target, e.Message);
        }
        catch (Exception e) when (e is TimeoutException or CircuitOpenException or PermanentException
            or BodyTooLargeException or HttpRequestException or IOException)
        {
            await FailAsync(http, id, e.Message);
        }
    }

    /// <summary>
    /// An answer that has begun can only be broken off, so that the caller does not take it for whole.
    /// </summary>
    static Task FailAsync(HttpContext http, string id, string why)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }
        http.Response.Clear();
        return ApiErrors.WriteAsync(http.Response, StatusCodes.Status500InternalServerError,
            InvocationException.ErrorCode, $"failed to invoke, id: {id}, err: {why}");
    }
}
