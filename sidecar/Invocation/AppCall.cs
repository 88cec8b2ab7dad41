using CloudPhone.Sidecar.App;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>The last leg: to the app itself, its failures in the runtime's words.</summary>
static class AppCall
{
    public static async Task<HttpResponseMessage> SendAsync(
        AppChannel channel, HttpRequestMessage request, RequestBody body, CancellationToken ct)
    {
        try
        {
            return await channel.SendAsync(request, ct);
        }
        catch (Exception e) when (body.Failure is { } failure && e is not InvocationException)
        {
            throw new InvocationException(failure.Message, failure);
        }
        catch (AppUnavailableException e)
        {
            throw InvocationException.AppNotReached($"rpc error: code = Internal desc = {e.Message}", e);
        }
        catch (HttpRequestException e)
        {
            throw InvocationException.AppNotReached($"{request.Method} \"{request.RequestUri}\": {e.Message}", e);
        }
    }
}
