using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.PubSub.Embedded;
using CloudPhone.Sidecar.PubSub.InMemory;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

static class PubSubModule
{
    public static IServiceCollection AddPubSub(this IServiceCollection services) => services
        .AddSingleton(new ComponentType("pubsub.embedded", Made(EmbeddedPubSub.Create), PubSubComponents.MessageTtl))
        .AddSingleton(new ComponentType("pubsub.in-memory", Made(InMemoryPubSub.Create)))
        .AddSingleton(s => new DeclaredSubscriptions(s.GetService<IReadOnlyList<Subscription>>() ?? []))
        .AddSingleton<PubSubComponents>()
        .AddSingleton(s => new Publisher(
            s.GetRequiredService<PubSubComponents>(), s.GetRequiredService<ResiliencyPolicies>(),
            s.GetRequiredService<SidecarOptions>(), Settings(s), s.GetRequiredService<TimeProvider>()))
        .AddSingleton(s => new AppDelivery(s.GetRequiredService<App.AppChannel>(), Settings(s)))
        .AddSingleton<SubscriptionSource>()
        .AddSingleton<PubSubBlock>()
        .AddSingleton<IBuildingBlock>(s => s.GetRequiredService<PubSubBlock>());

    public static void MapPubSub(this IEndpointRouteBuilder api) => api.MapPublish();

    static Configuration Settings(IServiceProvider services) => services.GetService<Configuration>() ?? new();

    static Func<Component, IServiceProvider, CancellationToken, Task<object>> Made<T>(Func<Component, IServiceProvider, T> create)
        where T : class => (component, services, _) => Task.FromResult<object>(create(component, services));
}
