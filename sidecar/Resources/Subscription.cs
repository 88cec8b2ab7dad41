namespace CloudPhone.Sidecar.Resources;

/// <summary>One subscription of the app, from a Subscription resource or from GET /dapr/subscribe.</summary>
public sealed record Subscription(
    string PubSubName, string Topic, IReadOnlyList<SubscriptionRule> Rules, string? DefaultPath,
    string? DeadLetterTopic, IReadOnlyDictionary<string, string> Metadata,
    BulkSubscribe? Bulk, SubscriptionOrigin Origin);

/// <param name="Match">A CEL expression over <c>event</c>.</param>
public sealed record SubscriptionRule(string Match, string Path);

public sealed record BulkSubscribe(int MaxMessagesCount, TimeSpan MaxAwaitDuration);

public enum SubscriptionOrigin { Declarative, Programmatic }
