using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Authorization;

namespace CloudPhone.Devices.Actors;

static class ActorSetup
{
    public static void AddDeviceActors(this IServiceCollection services)
    {
        services.AddActors(o =>
        {
            o.Actors.RegisterActor<DeviceActor>();
            o.ActorIdleTimeout = TimeSpan.FromMinutes(10);
        });
        services.AddSingleton<DeviceActors>();
    }

    /// <summary>The sidecar alone may call actors. Dapr's own package would leave its health route open.</summary>
    public static void MapDeviceActors(this IEndpointRouteBuilder routes)
    {
        var actors = routes.MapGroup("");
        actors.MapActorsHandlers();
        actors.RequireAuthorization(Policies.Sidecar);
        ((IEndpointConventionBuilder)actors).Finally(endpoint =>
        {
            foreach (var open in endpoint.Metadata.OfType<IAllowAnonymous>().ToList())
                endpoint.Metadata.Remove(open);
        });
    }
}
