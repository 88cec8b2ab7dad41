using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Which of an app's subscriptions live: one for each component and topic.</summary>
static class SubscriptionList
{
    /// <summary>The first declared one stands until a programmatic one takes its place; of these the last.</summary>
    public static IReadOnlyList<Subscription> Effective(IEnumerable<Subscription> declared, IEnumerable<Subscription> programmatic)
    {
        var slots = new OrderedDictionary<(string, string), Subscription>();
        foreach (var s in declared)
            slots.TryAdd((s.PubSubName, s.Topic), s);
        foreach (var s in programmatic)
            slots[(s.PubSubName, s.Topic)] = s;
        return [.. slots.Values];
    }
}
