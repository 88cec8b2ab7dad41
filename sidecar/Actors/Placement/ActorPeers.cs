using System.Net;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Actors.Placement;

/// <summary>Calls of actors that live with another sidecar, at its internal port.</summary>
sealed class ActorPeers : IDisposable
{
    readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
    });

    public static ActorPeers Of(SidecarNeighbourhood neighbourhood) =>
        neighbourhood.Shared("actor peers", () => new ActorPeers());

    /// <exception cref="ActorNotHostedException">The actor was not called.</exception>
    /// <exception cref="ActorFailedException">It was, and failed.</exception>
    public async Task<ActorAnswer> CallAsync(string address, ActorCall call, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Put, new Uri($"http://{address}/{call.Actor.Path}/method/{call.Method}"))
        {
            Content = new ReadOnlyMemoryContent(call.Body),
        };
        foreach (var header in call.Headers)
            ActorHeaders.Add(request, header);
        request.Headers.TryAddWithoutValidation(ActorPeerEndpoint.CallHeader, call.Nests ? "method" : "callback");
        using var response = await SendAsync(address, call, request, ct);
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        return response.Headers.TryGetValues(ActorPeerEndpoint.ErrorHeader, out var kind)
            ? throw ActorPeerEndpoint.ToException(call.Actor, kind.First(), body)
            : new((int)response.StatusCode, body, ActorHeaders.Of(response));
    }

    public void Dispose() => _client.Dispose();

    async Task<HttpResponseMessage> SendAsync(
        string address, ActorCall call, HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            return await _client.SendAsync(request, ct);
        }
        catch (HttpRequestException e) when (
            e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            throw new ActorNotHostedException(call.Actor, $"its sidecar at {address} can't be reached");
        }
    }
}
