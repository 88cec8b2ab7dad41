using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.State;

namespace CloudPhone.Sidecar.Actors.Placement;

/// <summary>
/// This sidecar's place among those that host the same app's actors, as the state store keeps it: a lease that is
/// renewed. Who can't renew it in time lets its actors go before anybody else may have them.
/// </summary>
sealed partial class ActorRegistration(
    ActorStateStore stores, ActorTable table, SidecarOptions options, TimeProvider time,
    ILogger<ActorRegistration> log) : IDisposable
{
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    /// <summary>Let go that much before the others may know: what runs is to end first.</summary>
    static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    IActorPlacement? _placement;
    CancellationTokenSource _ending = new();
    Task _renewing = Task.CompletedTask;
    Func<Task> _letGo = () => Task.CompletedTask;
    volatile Held? _held;

    /// <summary>Comes, and stays until <see cref="StopAsync"/>.</summary>
    /// <param name="letGo">Deactivates every actor: they may be somebody else's soon.</param>
    public async Task StartAsync(Func<Task> letGo, CancellationToken ct)
    {
        _placement ??= stores.Instance?.PlacementOf(options.AppId);
        if (_placement is null)
            return;
        _letGo = letGo;
        _ending = new();
        await RegisterAsync(ct);
        _renewing = KeepAsync(_ending.Token);
    }

    /// <summary>Goes. To be called when no actor is active any more.</summary>
    public async Task StopAsync()
    {
        await _ending.CancelAsync();
        await _renewing;
        if (Interlocked.Exchange(ref _held, null) is not { } held)
            return;
        try
        {
            await _placement!.LeaveAsync(held.Host, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogNotLeft(Lease.TotalSeconds, e.Message);
        }
    }

    /// <summary>The address of the actor's host; null: here. It is placed here if nobody has it.</summary>
    /// <exception cref="ActorNotHostedException">The type is not hosted here, or this sidecar is no host
    /// now.</exception>
    public async Task<string?> FindAsync(ActorKey actor, CancellationToken ct)
    {
        if (!table.Hosts(actor.Type))
            throw new ActorNotHostedException(actor);
        if (_placement is null)
            return null;
        var held = Current() ?? throw NoHost(actor);
        if (table.IsActive(actor))
            return null;
        string? address;
        try
        {
            address = await _placement.PlaceAsync(held.Host, actor.Type, actor.Id, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw new ActorNotHostedException(actor, e.Message);
        }
        return address is null || Current()?.Host != held.Host ? throw NoHost(actor)
            : address == held.Host.Address ? null : address;
    }

    /// <summary>The actor is active here no more.</summary>
    public async Task ReleaseAsync(ActorKey actor)
    {
        if (_placement is null || _held is not { } held)
            return;
        try
        {
            await _placement.ReleaseAsync(held.Host, actor.Type, actor.Id, CancellationToken.None);
        }
        catch (Exception e)
        {
            // it stays this host's, who activates it again or is gone some day
            LogNotReleased(actor.Type, actor.Id, e.Message);
        }
    }

    public void Dispose() => _ending.Dispose();

    Held? Current() => _held is { } held && time.GetElapsedTime(held.Since) < Lease - Margin ? held : null;

    async Task RegisterAsync(CancellationToken ct)
    {
        var port = options.InternalGrpcPort ?? throw new InvalidOperationException(
            "set --dapr-internal-grpc-port: other sidecars that host the same actors must be told of it");
        var host = new ActorHostId($"{HostAddress.Registered(options)}:{port}", $"{Guid.NewGuid():N}");
        var since = time.GetTimestamp();
        await _placement!.RegisterAsync(host, Lease, ct);
        _held = new(host, since);
    }

    async Task KeepAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Renewal, time);
        while (!ct.IsCancellationRequested)
            try
            {
                await timer.WaitForNextTickAsync(ct);
                if (_held is null)
                    await ComeBackAsync(ct);
                else if (await RenewAsync(ct) is { } loss)
                    await LoseAsync(loss, ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                LogNotRenewed(e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
    }

    /// <returns>Null: it is ours, or may still become so in time.</returns>
    async Task<LeaseRenewal?> RenewAsync(CancellationToken ct)
    {
        var held = _held!;
        var since = time.GetTimestamp();
        try
        {
            var renewal = await _placement!.RenewAsync(held.Host, Lease, ct);
            if (renewal != LeaseRenewal.Renewed)
                return renewal;
            if (Current() is null)
                return LeaseRenewal.Expired;
            _held = held with { Since = since };
            return null;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogNotRenewed(e.Message);
            return Current() is null ? LeaseRenewal.Expired : null;
        }
    }

    async Task LoseAsync(LeaseRenewal why, CancellationToken ct)
    {
        LogLost(why == LeaseRenewal.Unknown ? "the state store has forgotten it" : "it was not renewed in time");
        _held = null;
        do
            await _letGo();
        while (table.Active.Any());
        // where the store lost its data, others may not have seen it yet and hold on to what they had
        if (why == LeaseRenewal.Unknown)
            await Task.Delay(Lease, time, ct);
        await ComeBackAsync(ct);
    }

    async Task ComeBackAsync(CancellationToken ct)
    {
        await RegisterAsync(ct);
        LogBack();
    }

    static ActorNotHostedException NoHost(ActorKey actor) =>
        new(actor, "this sidecar has lost its place among the hosts and waits for a new one");

    /// <param name="Since">When the renewal that holds it was sent.</param>
    sealed record Held(ActorHostId Host, long Since);

    [LoggerMessage(1, LogLevel.Warning, "this sidecar's place among the hosts of actors can't be renewed now: {Error}")]
    partial void LogNotRenewed(string error);

    [LoggerMessage(2, LogLevel.Error,
        "this sidecar is no host of actors any more, all are deactivated: {Why}; it comes back by itself")]
    partial void LogLost(string why);

    [LoggerMessage(3, LogLevel.Information, "this sidecar is a host of actors again")]
    partial void LogBack();

    [LoggerMessage(4, LogLevel.Warning,
        "the other hosts of actors were not told of the end; they know after {Seconds} s: {Error}")]
    partial void LogNotLeft(double seconds, string error);

    [LoggerMessage(5, LogLevel.Debug, "actor {Type}/{Id} stays placed here: {Error}")]
    partial void LogNotReleased(string type, string id, string error);
}
