using CloudPhone.Sidecar.Actors.Http;
using CloudPhone.Sidecar.Actors.Placement;
using CloudPhone.Sidecar.Actors.Reminders;
using CloudPhone.Sidecar.Actors.Timers;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Actors;

static class ActorsModule
{
    static readonly string[] Write = ["POST", "PUT"];

    public static IServiceCollection AddActors(this IServiceCollection services) => services
        .AddSingleton<ActorApp>()
        .AddSingleton<ActorTable>()
        .AddSingleton<ActorRegistration>()
        .AddSingleton<ActorRouter>()
        .AddSingleton<ActorPeerEndpoint>()
        .AddSingleton(s => ActorPeers.Of(s.GetRequiredService<SidecarNeighbourhood>()))
        .AddSingleton<ActorDeactivation>()
        .AddSingleton<ActorTimers>()
        .AddSingleton<ActorReminders>()
        .AddSingleton<ActorsApi>()
        .AddSingleton<ActorStateApi>()
        .AddSingleton<RemindersApi>()
        .AddSingleton(s => ActorDirectory.Of(s.GetRequiredService<SidecarNeighbourhood>()))
        .AddSingleton<ActorHost>()
        .AddSingleton<IBuildingBlock>(s => s.GetRequiredService<ActorHost>())
        .AddSingleton<IMetadataContributor, ActorMetadata>();

    public static void MapActors(this IEndpointRouteBuilder api)
    {
        var actor = api.MapGroup("/v1.0/actors/{type}/{id}");
        actor.MapMethods("method/{name}", ["POST", "PUT", "GET", "DELETE"], ActorEndpoints.InvokeAsync);
        actor.MapGet("state/{name}", ActorEndpoints.GetStateAsync);
        actor.MapMethods("state", Write, ActorEndpoints.SaveStateAsync);
        actor.MapMethods("timers/{name}", Write, ActorEndpoints.RegisterTimerAsync);
        actor.MapDelete("timers/{name}", ActorEndpoints.UnregisterTimer);
        actor.MapMethods("reminders/{name}", Write, ReminderEndpoints.PutAsync);
        actor.MapGet("reminders/{name}", ReminderEndpoints.GetAsync);
        actor.MapDelete("reminders/{name}", ReminderEndpoints.DeleteAsync);
    }
}
