using CloudPhone.Sidecar.Actors.Placement;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using Grpc.Core;

namespace CloudPhone.Sidecar.Actors;

/// <summary>Calls of actors, the same for HTTP and gRPC, wherever the actor lives.</summary>
sealed class ActorsApi(
    ActorTable table, ActorRouter own, ActorDirectory directory, ResiliencyPolicies policies, SidecarOptions options)
{
    /// <summary>The app's answer; whatever else happens is 500 (gRPC INTERNAL) ERR_ACTOR_INVOKE_METHOD.</summary>
    public async Task<ActorAnswer> InvokeAsync(ActorCall call, CancellationToken ct)
    {
        var marked = call
            .WithHeader("dapr-api-call", "true")
            .WithHeader("dapr-caller-app-id", options.AppId)
            .WithHeader("dapr-caller-namespace", options.Namespace);
        try
        {
            return await policies.BuiltIn("DaprBuiltInActorRetries")
                .RunAsync(t => AttemptAsync(marked, t), _ => null, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw new ApiException(500, StatusCode.Internal, "ERR_ACTOR_INVOKE_METHOD",
                $"error invoke actor method: {e.Message}");
        }
    }

    /// <summary>Only what never reached the actor may be repeated.</summary>
    async Task<ActorAnswer> AttemptAsync(ActorCall call, CancellationToken ct)
    {
        try
        {
            return await RouterOf(call.Actor).CallAsync(call, ct);
        }
        catch (Exception e) when (e is not ActorNotHostedException && !ct.IsCancellationRequested)
        {
            throw new PermanentException(e.Message, e);
        }
    }

    ActorRouter RouterOf(ActorKey actor) =>
        table.Hosts(actor.Type) ? own : directory.Find(actor.Type) ?? throw new ActorNotHostedException(actor);
}
