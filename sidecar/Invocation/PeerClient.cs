using System.Net;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>The way to sidecars of other processes; one for all sidecars of this process.</summary>
sealed class PeerClient : IDisposable
{
    readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
    });

    public static PeerClient Of(SidecarNeighbourhood neighbourhood) =>
        neighbourhood.Shared("peers", () => new PeerClient());

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, RequestBody body, CancellationToken ct)
    {
        HttpResponseMessage response;
        try
        {
            response = await _client.SendAsync(request, ct);
        }
        catch (Exception e) when (body.Failure is { } failure)
        {
            throw new InvocationException(failure.Message, e);
        }
        catch (HttpRequestException e)
        {
            var unreachable =
                e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;
            throw new InvocationException($"rpc error: code = Unavailable desc = connection error: {e.Message}", e)
            {
                IsPeerUnreachable = unreachable && !body.IsUsedUp,
            };
        }
        if (!response.Headers.Contains(PeerEndpoint.ErrorHeader))
            return response;
        using (response)
            throw new InvocationException(await response.Content.ReadAsStringAsync(ct));
    }

    public void Dispose() => _client.Dispose();
}
