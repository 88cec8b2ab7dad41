namespace CloudPhone.Sidecar.State;

static class StateModule
{
    public static IServiceCollection AddState(this IServiceCollection services) => services;

    public static void MapState(this IEndpointRouteBuilder api)
    {
    }
}
