using System.Text.Json;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>What an app answers to GET /dapr/subscribe. Names are read in any case; SDKs differ in it.</summary>
static class SubscriptionDocument
{
    const int DefaultCount = 100, DefaultWait = 1000;

    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <exception cref="JsonException">It is no such document.</exception>
    public static IReadOnlyList<Subscription> Parse(ReadOnlySpan<byte> json) =>
        [.. (JsonSerializer.Deserialize<List<Entry>>(json, Web) ?? []).Select(Read)];

    static Subscription Read(Entry entry)
    {
        if (entry.PubSubName is not { Length: > 0 } pubSub || entry.Topic is not { Length: > 0 } topic)
            throw new JsonException("a subscription needs pubsubname and topic");
        var rules = entry.Routes?.Rules ?? [];
        if (rules.Find(r => r.Match is not { Length: > 0 } || r.Path is not { Length: > 0 }) is not null)
            throw new JsonException($"a rule of the subscription to topic '{topic}' needs match and path");
        var path = entry.Routes?.Default is { Length: > 0 } fallback ? fallback : entry.Route;
        return new(
            pubSub, topic, [.. rules.Select(r => new SubscriptionRule(r.Match!, r.Path!))],
            path is { Length: > 0 } ? path : null,
            entry.DeadLetterTopic is { Length: > 0 } dead ? dead : null, entry.Metadata ?? [],
            entry.BulkSubscribe is { Enabled: true } b ? Bulk(b) : null, SubscriptionOrigin.Programmatic);
    }

    static BulkSubscribe Bulk(BulkEntry bulk) => new(
        bulk.MaxMessagesCount > 0 ? bulk.MaxMessagesCount : DefaultCount,
        TimeSpan.FromMilliseconds(bulk.MaxAwaitDurationMs > 0 ? bulk.MaxAwaitDurationMs : DefaultWait));

    sealed record Entry(
        string? PubSubName, string? Topic, string? Route, Routes? Routes, string? DeadLetterTopic,
        Dictionary<string, string>? Metadata, BulkEntry? BulkSubscribe);

    sealed record Routes(List<Rule>? Rules, string? Default);

    sealed record Rule(string? Match, string? Path);

    sealed record BulkEntry(bool Enabled, int MaxMessagesCount, int MaxAwaitDurationMs);
}
