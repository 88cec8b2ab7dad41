using CloudPhone.Shared.Hosting;

namespace CloudPhone.Shared.Messaging;

/// <summary>
/// The names of the bus: one component, one topic for all events, and for each service a queue and a dead-letter topic.
/// </summary>
static class Topology
{
    /// <summary>The pub/sub component's name.</summary>
    public const string PubSub = "pubsub";
    /// <summary>The topic, on RabbitMQ the exchange, of all events.</summary>
    public const string Events = "cloudphone.events";
    public const string QueueType = "quorum";

    public static string Queue(this ServiceIdentity service) => $"{service.AppId}.events";

    public static string DeadLetterTopic(this ServiceIdentity service) => $"cloudphone.{service.Word}.dlx";

    public static string DeadLetterQueue(this ServiceIdentity service) => $"{service.AppId}.dlx";
}
