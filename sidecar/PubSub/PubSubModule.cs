namespace CloudPhone.Sidecar.PubSub;

static class PubSubModule
{
    public static IServiceCollection AddPubSub(this IServiceCollection services) => services;

    public static void MapPubSub(this IEndpointRouteBuilder api)
    {
    }
}
