using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Messaging;

/// <summary>What a service hears: its handlers of events, and the routes that the sidecar asks.</summary>
public static class Subscriptions
{
    /// <summary>
    /// Of a message as the sidecar gives it, in Base64: more than brokers take by default. What is too large for its
    /// handler must not be for its dead letter as well.
    /// </summary>
    const long MaxDeadLetterBytes = 200L << 20;

    /// <summary>
    /// Handles one kind of event, at most once for each event id. The handler is a method like a route's: it takes the
    /// event, and its database and outbox; what it changes is committed together with the note that the event was
    /// handled. It only writes to its own database: a call to another service belongs into a worker that goes on from
    /// what was written.
    /// </summary>
    /// <remarks>
    /// An exception makes the sidecar try again, and in the end sends the event to the service's dead letters.
    /// </remarks>
    public static void MapSubscription<TEvent>(this IEndpointRouteBuilder routes, Delegate handler)
        where TEvent : IEvent
    {
        var services = routes.ServiceProvider;
        var service = services.GetRequiredService<ServiceIdentity>();
        var name = TEvent.EventName;
        var priority = services.GetRequiredService<SubscriptionRegistry>().Add(name);
        routes.MapPost($"/events/{name}", handler)
            .AddEndpointFilter<InboxFilter>()
            .WithMetadata(new SubscriptionMetadata(name))
            .WithMetadata(new Topic(Topology.Events, $"event.type == \"{name}\"", priority, service.DeadLetterTopic()))
            .WithMetadata(new TopicMetadataAttribute("routingKey", name))
            .ForSidecar(service.Queue());
    }

    /// <summary>
    /// The routes that every service with a database has beside its own handlers: receipts, dead letters, and what the
    /// sidecar asks.
    /// </summary>
    internal static void MapPlatformSubscriptions(this IEndpointRouteBuilder routes)
    {
        var service = routes.ServiceProvider.GetRequiredService<ServiceIdentity>();
        routes.MapPost("/events/receipts", ReceiptsRoute.Handle)
            .WithMetadata(new SubscriptionMetadata("receipts"))
            .WithMetadata(new Topic(Topology.Events, null, 0, service.DeadLetterTopic()))
            .WithMetadata(
                new TopicMetadataAttribute("routingKey", $"{service.EventPrefix}.#,{SystemDeadLetter.EventName}"))
            .ForSidecar(service.Queue());
        routes.MapPost("/events/dead-letters", DeadLetterRoutes.Keep)
            .WithMetadata(new Topic(service.DeadLetterTopic(), null, 0, null))
            .WithMetadata(
                new TopicMetadataAttribute("routingKey", "#"),
                new TopicMetadataAttribute("rawPayload", "true"), // else what is no event would never get here
                new BodyLimit(MaxDeadLetterBytes))
            .ForSidecar(service.DeadLetterQueue());
        routes.MapPost("/internal/dead-letters/replay", DeadLetterRoutes.Replay)
            .RequireAuthorization(Policies.Service).ExcludeFromDescription();
        routes.MapSubscribeHandler().RequireAuthorization(Policies.Sidecar);
    }

    static void ForSidecar(this RouteHandlerBuilder route, string queue) =>
        route.WithMetadata(
            new TopicMetadataAttribute("queueName", queue), new TopicMetadataAttribute("queueType", Topology.QueueType))
            .RequireAuthorization(Policies.Sidecar).ExcludeFromDescription();

    /// <summary>What Dapr's subscribe handler reads from an endpoint.</summary>
    sealed record Topic(string Name, string? Match, int Priority, string? DeadLetterTopic)
        : ITopicMetadata, IDeadLetterTopicMetadata
    {
        public string PubsubName => Topology.PubSub;
        string ITopicMetadata.Match => Match!;
        string IDeadLetterTopicMetadata.DeadLetterTopic => DeadLetterTopic!;
    }
}

/// <summary>Marks the endpoint of a subscription.</summary>
sealed record SubscriptionMetadata(string EventName);

/// <summary>
/// The events that this service handles. The order gives the rules of the subscription their priority.
/// </summary>
sealed class SubscriptionRegistry
{
    readonly HashSet<string> _names = [];

    public int Add(string name) =>
        _names.Add(name) ? _names.Count
        : throw new InvalidOperationException(
            $"{name} has a handler already: the runtime takes the first rule that matches.");
}
