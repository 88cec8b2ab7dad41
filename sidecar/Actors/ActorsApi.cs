using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using Grpc.Core;

namespace CloudPhone.Sidecar.Actors;

/// <summary>Calls of actors, the same for HTTP and gRPC, wherever in this process the actor is hosted.</summary>
sealed class ActorsApi(
    ActorTable own, ActorDirectory directory, ResiliencyPolicies policies, SidecarOptions options)
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
            var host = await policies.BuiltIn("DaprBuiltInActorRetries")
                .RunAsync(_ => Task.FromResult(HostOf(call.Actor)), _ => null, ct);
            return await host.CallAsync(marked, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw new ApiException(500, StatusCode.Internal, "ERR_ACTOR_INVOKE_METHOD",
                $"error invoke actor method: {e.Message}");
        }
    }

    ActorTable HostOf(ActorKey actor) =>
        own.Hosts(actor.Type) ? own : directory.Find(actor.Type) ?? throw new ActorNotHostedException(actor);
}
