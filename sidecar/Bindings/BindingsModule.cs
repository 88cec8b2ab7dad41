namespace CloudPhone.Sidecar.Bindings;

static class BindingsModule
{
    public static IServiceCollection AddBindings(this IServiceCollection services) => services;

    public static void MapBindings(this IEndpointRouteBuilder api)
    {
    }
}
