namespace CloudPhone.Sidecar.Invocation;

static class InvocationModule
{
    public static IServiceCollection AddInvocation(this IServiceCollection services) => services.AddSingleton<PeerEndpoint>();

    public static void MapInvocation(this IEndpointRouteBuilder api)
    {
    }
}
