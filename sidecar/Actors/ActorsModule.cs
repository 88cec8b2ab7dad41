namespace CloudPhone.Sidecar.Actors;

static class ActorsModule
{
    public static IServiceCollection AddActors(this IServiceCollection services) => services;

    public static void MapActors(this IEndpointRouteBuilder api)
    {
    }
}
