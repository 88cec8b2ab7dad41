using System.Text.Json;
using CloudPhone.Sidecar.Expressions;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>A subscription's rules, parsed, in their order.</summary>
sealed class Routes
{
    readonly List<(Cel Rule, string Path)> _rules = [];
    readonly string? _default;

    /// <exception cref="ConfigurationException">A rule is no expression.</exception>
    public Routes(Subscription subscription)
    {
        foreach (var (match, path) in subscription.Rules)
            _rules.Add((Parse(match, subscription), Rooted(path)));
        _default = subscription.DefaultPath is { Length: > 0 } fallback ? Rooted(fallback) : null;
    }

    public bool IsEmpty => _rules.Count == 0 && _default is null;

    /// <summary>The path of the first rule that takes the event, else the default; null: nothing takes it.</summary>
    /// <exception cref="CelException">A rule can't be evaluated over this event.</exception>
    public string? Find(JsonElement cloudEvent)
    {
        foreach (var (rule, path) in _rules)
            if (rule.Matches(cloudEvent))
                return path;
        return _default;
    }

    static Cel Parse(string match, Subscription subscription)
    {
        try
        {
            return Cel.Parse(match);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException(
                $"The subscription to topic '{subscription.Topic}' of pubsub '{subscription.PubSubName}' "
                + $"does not start: its rule '{match}' is no expression: {e.Message}");
        }
    }

    static string Rooted(string path) => path.StartsWith('/') ? path : "/" + path;
}
