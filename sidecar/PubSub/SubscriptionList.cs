using System.Text.Json.Nodes;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Which of an app's subscriptions live: one for each component and topic.</summary>
static class SubscriptionList
{
    /// <summary>The first declared one stands until a programmatic one takes its place; of these the last.</summary>
    public static IReadOnlyList<Subscription> Effective(
        IEnumerable<Subscription> declared, IEnumerable<Subscription> programmatic)
    {
        var slots = new OrderedDictionary<(string, string), Subscription>();
        foreach (var s in declared)
            slots.TryAdd((s.PubSubName, s.Topic), s);
        foreach (var s in programmatic)
            slots[(s.PubSubName, s.Topic)] = s;
        return [.. slots.Values];
    }

    /// <summary>As GET /v1.0/metadata lists it.</summary>
    public static JsonObject ToJson(Subscription s)
    {
        var rules = s.Rules.Select(r => new JsonObject { ["match"] = r.Match, ["path"] = r.Path });
        if (s.DefaultPath is { } path)
            rules = rules.Append(new JsonObject { ["path"] = path });
        var json = new JsonObject
        {
            ["pubsubname"] = s.PubSubName, ["topic"] = s.Topic,
            ["metadata"] = new JsonObject(s.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
            ["rules"] = new JsonArray([.. rules]), ["type"] = s.Origin.ToString().ToUpperInvariant(),
        };
        if (s.DeadLetterTopic is { } dead)
            json["deadLetterTopic"] = dead;
        return json;
    }
}
