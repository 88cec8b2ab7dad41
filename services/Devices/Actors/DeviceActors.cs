using System.Security.Authentication;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using Dapr;
using Dapr.Actors;
using Dapr.Actors.Client;

namespace CloudPhone.Devices.Actors;

/// <summary>Calls phones' actors through the sidecar.</summary>
sealed class DeviceActors(IActorProxyFactory proxies)
{
    /// <exception cref="ActorsUnavailableException">The sidecar, or the actor's host, can't be reached.</exception>
    public Task<CommandAnswer> CreateAsync(Guid id, CancellationToken ct) =>
        CallAsync(id, nameof(IDeviceActor.Create), new ActorCall(CallingRequest.Current), ct);

    /// <inheritdoc cref="CreateAsync"/>
    public Task<CommandAnswer> CommandAsync(
        Guid id, Trigger trigger, string? reason, AskedFor? asked, CancellationToken ct) => CallAsync(
            id, nameof(IDeviceActor.Command), new DeviceCommand(CallingRequest.Current, trigger, reason, asked), ct);

    /// <inheritdoc cref="CreateAsync"/>
    public Task<CommandAnswer> ResumeAsync(Guid id, CancellationToken ct) =>
        CallAsync(id, nameof(IDeviceActor.Resume), new ActorCall(null), ct);

    /// <inheritdoc cref="CreateAsync"/>
    public Task<CommandAnswer> HoldAsync(Guid id, Guid itemId, CancellationToken ct) =>
        CallAsync(id, nameof(IDeviceActor.Hold), new HoldCall(CallingRequest.Current, itemId), ct);

    /// <inheritdoc cref="CreateAsync"/>
    public Task<CommandAnswer> ReleaseAsync(Guid id, Guid itemId, CancellationToken ct) =>
        CallAsync(id, nameof(IDeviceActor.Release), new HoldCall(CallingRequest.Current, itemId), ct);

    async Task<CommandAnswer> CallAsync<T>(Guid id, string method, T argument, CancellationToken ct)
    {
        var actor = proxies.Create(new ActorId(id.ToString()), nameof(DeviceActor));
        try
        {
            return await actor.InvokeMethodAsync<T, CommandAnswer>(method, argument, ct);
        }
        catch (Exception e) when (e is HttpRequestException or DaprException or AuthenticationException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ActorsUnavailableException(e);
        }
    }
}

/// <summary>No command can be given to phones at the moment; the message can be shown to users.</summary>
sealed class ActorsUnavailableException(Exception inner)
    : Exception("Phones take no commands at the moment; try again soon.", inner);
