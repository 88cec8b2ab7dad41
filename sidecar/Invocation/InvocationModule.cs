namespace CloudPhone.Sidecar.Invocation;

static class InvocationModule
{
    public static IServiceCollection AddInvocation(this IServiceCollection services) => services
        .AddSingleton<Forwarding>()
        .AddSingleton<ServiceInvoker>()
        .AddSingleton<PeerEndpoint>();

    public static void MapInvocation(this IEndpointRouteBuilder api)
    {
        api.Map("/v1.0/invoke/{id}/method/{**path}", (RequestDelegate)Handle);
        api.MapFallback("{**path}", (RequestDelegate)Handle);
    }

    static Task Handle(HttpContext http)
    {
        var services = http.RequestServices;
        return InvocationEndpoint.HandleAsync(
            http, services.GetRequiredService<Hosting.SidecarOptions>(), services.GetRequiredService<ServiceInvoker>(),
            services.GetRequiredService<Resiliency.ResiliencyPolicies>(),
            services.GetRequiredService<Api.TraceContext>());
    }
}
