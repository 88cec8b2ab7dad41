using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>
/// What a sidecar in another process calls at the internal port: the call as it is to arrive at the app. An answer
/// of the sidecar itself, when the app gave none, is marked by a header that no app's answer keeps.
/// </summary>
sealed class PeerEndpoint(SidecarOptions options, AppChannel channel, SidecarMetrics metrics)
{
    public const string ErrorHeader = "dapr-sidecar-error";

    public async Task HandleAsync(HttpContext http)
    {
        metrics.InvocationReceived(http.Request.Headers[Forwarding.Caller].ToString());
        try
        {
            if (http.Request.Headers[Forwarding.Callee] != options.AppId)
                throw new InvocationException(
                    $"rpc error: code = Internal desc = app ID mismatch: this is the sidecar of '{options.AppId}'");
            var body = await RequestBody.ReadAsync(http, options, keep: false, http.RequestAborted);
            using var request = Forwarding.Create(http.Request, channel.Authority,
                http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, body.ToContent());
            using var response = await AppCall.SendAsync(channel, request, body, http.RequestAborted);
            await ResponseWriter.CopyAsync(response, http.Response, null, http.RequestAborted);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is InvocationException or BodyTooLargeException && !http.Response.HasStarted)
        {
            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            http.Response.Headers[ErrorHeader] = "1";
            await http.Response.WriteAsync(e.Message);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            http.Abort();
        }
    }
}
