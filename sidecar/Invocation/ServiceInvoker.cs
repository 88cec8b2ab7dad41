using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.NameResolution;
using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>
/// Finds the target's sidecar and sends to it: within this process straight to its app, else to its internal port.
/// </summary>
sealed class ServiceInvoker(
    SidecarOptions options, SidecarNeighbourhood neighbourhood, INameResolver resolver, AppChannel own,
    Forwarding forwarding, ResiliencyPolicies policies, SidecarMetrics metrics, TimeProvider time)
{
    readonly PeerClient _peers = PeerClient.Of(neighbourhood);
    readonly PeerAddress _own = new(own);

    public delegate Task<HttpResponseMessage> Send(PeerAddress peer, CancellationToken ct);

    /// <summary>
    /// One attempt of the caller's policy. Where no resource names the target, a peer that can't be reached is
    /// tried again by the built-in policy.
    /// </summary>
    public async Task<HttpResponseMessage> SendAsync(InvocationTarget target, Send send, CancellationToken ct)
    {
        if (target.AppId == options.AppId)
            return await send(_own, ct);
        var peer = await ResolveAsync(target.AppId, ct);
        if (peer.Local is not null || policies.HasApp(target.Typed) || policies.HasApp(target.AppId))
            return await send(peer, ct);
        return await SendPersistentlyAsync(target, peer, send, ct);
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, InvocationTarget target, PeerAddress peer, RequestBody body, int attempt,
        CancellationToken ct)
    {
        if (ReferenceEquals(peer.Local, own))
        {
            Forwarding.DropPeerHeaders(request);
            return await AppCall.SendAsync(own, request, body, ct);
        }
        forwarding.AddPeerHeaders(request, target.AppId, attempt);
        metrics.InvocationSent(target.AppId);
        var response = peer.Local is { } local
            ? await AppCall.SendAsync(local, request, body, ct)
            : await SendAsync(request, peer, body, ct);
        metrics.InvocationAnswered(target.AppId, (int)response.StatusCode);
        return response;
    }

    async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, PeerAddress peer, RequestBody body, CancellationToken ct)
    {
        try
        {
            return await _peers.SendAsync(request, body, ct);
        }
        catch (InvocationException e) when (e.IsPeerUnreachable)
        {
            peer.Avoid(time);
            throw;
        }
    }

    async Task<HttpResponseMessage> SendPersistentlyAsync(
        InvocationTarget target, PeerAddress first, Send send, CancellationToken ct)
    {
        try
        {
            return await send(first, ct);
        }
        catch (InvocationException e) when (e.IsPeerUnreachable)
        {
            return await RepeatAsync(target, first, e, send, ct);
        }
    }

    /// <summary>
    /// The built-in policy, which counts the failure as its first try. It goes to another instance if there is one; as
    /// with the runtime, a name that has none by now does not change the error.
    /// </summary>
    async Task<HttpResponseMessage> RepeatAsync(
        InvocationTarget target, PeerAddress peer, InvocationException failure, Send send, CancellationToken ct)
    {
        var tries = 0;
        try
        {
            return await policies.BuiltIn("DaprBuiltInServiceRetries").RunAsync(async t =>
            {
                if (++tries == 1)
                    throw failure;
                try
                {
                    peer = await resolver.ResolveAsync(target.AppId, t);
                }
                catch (NameNotResolvedException)
                {
                }
                try
                {
                    return await send(peer, t);
                }
                catch (InvocationException e) when (!e.IsPeerUnreachable)
                {
                    throw new PermanentException(e.Message, e);
                }
            }, static _ => null, ct);
        }
        catch (InvocationException e) when (tries > 1)
        {
            throw new InvocationException(
                $"failed to invoke target {target.AppId} after {tries - 1} retries. Error: {e.Message}", e);
        }
        catch (PermanentException e) when (e.InnerException is InvocationException last)
        {
            throw last;
        }
    }

    async ValueTask<PeerAddress> ResolveAsync(string appId, CancellationToken ct)
    {
        try
        {
            return await resolver.ResolveAsync(appId, ct);
        }
        catch (NameNotResolvedException e)
        {
            throw new InvocationException(e.Message, e);
        }
    }
}
