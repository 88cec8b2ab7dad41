namespace CloudPhone.Sidecar.Resources;

/// <summary>One subscription of the app, from a Subscription resource or from GET /dapr/subscribe.</summary>
sealed record Subscription(
    string PubSubName, string Topic, IReadOnlyList<SubscriptionRule> Rules, string? DefaultPath,
    string? DeadLetterTopic, IReadOnlyDictionary<string, string> Metadata,
    BulkSubscribe? Bulk, SubscriptionOrigin Origin);

/// <param name="Match">A CEL expression over <c>event</c>.</param>
sealed record SubscriptionRule(string Match, string Path);

/// <summary>When a bulk is handed over: at so many messages, or after so long with fewer.</summary>
sealed record BulkSubscribe(int MaxMessagesCount, TimeSpan MaxAwaitDuration);

/// <summary>A resource, or the app's answer to GET /dapr/subscribe.</summary>
enum SubscriptionOrigin { Declarative, Programmatic }
