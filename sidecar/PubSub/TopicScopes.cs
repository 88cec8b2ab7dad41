using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Which topics of a component an app may use: <c>allowedTopics</c> and <c>protectedTopics</c> for all apps,
/// <c>publishingScopes</c> and <c>subscriptionScopes</c> (<c>app1=t1,t2;app2=</c>) for each.</summary>
sealed record TopicScopes(
    IReadOnlyList<string> Allowed, IReadOnlyList<string> Protected, IReadOnlyList<string> Publishing,
    IReadOnlyList<string> Subscribing)
{
    public static TopicScopes Read(ComponentMetadata metadata, string appId) => new(
        List(metadata.Get("allowedTopics")), List(metadata.Get("protectedTopics")),
        ForApp(metadata.Get("publishingScopes"), appId), ForApp(metadata.Get("subscriptionScopes"), appId));

    public bool MayPublish(string topic) => May(topic, Publishing);

    public bool MaySubscribe(string topic) => May(topic, Subscribing);

    bool May(string topic, IReadOnlyList<string> scope) =>
        (Allowed.Count == 0 || Allowed.Contains(topic))
        && (scope.Contains(topic) || (scope.Count == 0 && !Protected.Contains(topic)));

    static string[] List(string? text) =>
        text is { Length: > 0 } ? text.Split(',', StringSplitOptions.TrimEntries) : [];

    /// <summary>
    /// An app that is not named has no entry and so no limit; one that is named without topics has "" and may use none.
    /// </summary>
    static string[] ForApp(string? scopes, string appId) =>
        [.. (scopes ?? "").Split(';', StringSplitOptions.TrimEntries)
            .Select(s => s.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(s => s.Length == 2 && s[0] == appId)
            .SelectMany(s => s[1].Split(',', StringSplitOptions.TrimEntries))];
}
