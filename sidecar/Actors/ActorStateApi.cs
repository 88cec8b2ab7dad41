using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;
using CloudPhone.Sidecar.State;
using Grpc.Core;

namespace CloudPhone.Sidecar.Actors;

/// <summary>The state of actors, the same for HTTP and gRPC. Its keys take no part in the store's keyPrefix.</summary>
sealed class ActorStateApi(
    ActorStateStore stores, ActorTable table, ResiliencyPolicies policies, SidecarOptions options,
    Configuration configuration)
{
    const string TimeToLiveFeature = "ActorStateTTL";

    /// <returns>Null: no such key.</returns>
    public async Task<StateValue?> GetAsync(ActorKey actor, string key, CancellationToken ct)
    {
        try
        {
            var store = Store();
            return await Policy().RunAsync(t => store.GetAsync(actor.StateKey(options.AppId, key), t), _ => null, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw Failed("ERR_ACTOR_STATE_GET", $"error getting actor state: {e.Message}");
        }
    }

    /// <summary>All or nothing. An actor that is not active is 400 ERR_ACTOR_INSTANCE_MISSING.</summary>
    public async Task TransactAsync(ActorKey actor, IReadOnlyList<StateItem> operations, CancellationToken ct)
    {
        if (!table.IsActive(actor))
            throw new ApiException(400, StatusCode.InvalidArgument, "ERR_ACTOR_INSTANCE_MISSING",
                "actor instance is missing");
        try
        {
            var store = Store();
            List<StateWrite> writes = [.. operations.Select(o =>
                o.ToWrite(actor.StateKey(options.AppId, ActorKey.Check(o.Key, "key"))))];
            if (writes.Exists(w => w.TimeToLive is not null)
                && !configuration.Features.GetValueOrDefault(TimeToLiveFeature))
                throw new NotSupportedException(
                    $"ttlInSeconds is not supported without the \"{TimeToLiveFeature}\" feature enabled");
            if (writes.Count > 0)
                await Policy().RunAsync(t => store.WriteAsync(writes, t), ct);
        }
        catch (Exception e) when (e is not ApiException && !ct.IsCancellationRequested)
        {
            throw Failed("ERR_ACTOR_STATE_TRANSACTION_SAVE", $"error saving actor transaction state: {e.Message}");
        }
    }

    IActorStateStore Store() =>
        stores.Instance ?? throw new InvalidOperationException(
            "actors: state store does not exist or incorrectly configured");

    PolicyRunner Policy() => stores.Name is { } name
        ? policies.ForComponent(name, ComponentKind.StateStore, Direction.Outbound)
        : PolicyRunner.None;

    static ApiException Failed(string code, string message) => new(500, StatusCode.Internal, code, message);
}
