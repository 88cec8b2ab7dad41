using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.PubSub.Embedded;
using CloudPhone.Sidecar.PubSub.InMemory;
using CloudPhone.Sidecar.PubSub.RabbitMq;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

static class PubSubModule
{
    public static IServiceCollection AddPubSub(this IServiceCollection services) => services
        .AddSingleton(new ComponentType("pubsub.embedded", Made(EmbeddedPubSub.Create), PubSubComponents.MessageTtl))
        .AddSingleton(new ComponentType("pubsub.in-memory", Made(InMemoryPubSub.Create)))
        .AddSingleton(new ComponentType("pubsub.rabbitmq", RabbitPubSub.CreateAsync, PubSubComponents.MessageTtl))
        .AddSingleton<PubSubComponents>()
        .AddSingleton(s => new Publisher(
            s.GetRequiredService<PubSubComponents>(), s.GetRequiredService<ResiliencyPolicies>(),
            s.GetRequiredService<SidecarOptions>(), s.GetRequiredService<TraceContext>(),
            s.GetRequiredService<SidecarMetrics>(),
            s.GetRequiredService<TimeProvider>()))
        .AddSingleton<AppDelivery>()
        .AddSingleton<SubscriptionSource>()
        .AddSingleton<PubSubBlock>()
        .AddSingleton<IBuildingBlock>(s => s.GetRequiredService<PubSubBlock>())
        .AddSingleton<IMetadataContributor>(s => s.GetRequiredService<PubSubBlock>());

    public static void MapPubSub(this IEndpointRouteBuilder api) => api.MapPublish();

    static Func<Component, IServiceProvider, CancellationToken, Task<object>> Made<T>(
        Func<Component, IServiceProvider, T> create)
        where T : class => (component, services, _) => Task.FromResult<object>(create(component, services));
}
