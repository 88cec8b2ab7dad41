using CloudPhone.Sidecar.Bindings.Cron;
using CloudPhone.Sidecar.Bindings.LocalStorage;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Bindings;

static class BindingsModule
{
    public static IServiceCollection AddBindings(this IServiceCollection services) => services
        .AddSingleton(CronBinding.Type)
        .AddSingleton(LocalStorageBinding.Type)
        .AddSingleton<BindingsApi>()
        .AddSingleton<IBuildingBlock, InputBindings>();

    public static void MapBindings(this IEndpointRouteBuilder api) =>
        api.MapMethods("/v1.0/bindings/{name}", [HttpMethods.Post, HttpMethods.Put], InvokeBinding.HandleAsync);
}
