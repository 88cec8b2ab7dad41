using CloudPhone.Sidecar.Expressions;
using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Resources;

/// <summary>Subscription resources of both versions: v1alpha1 has one route, v2alpha1 has rules.</summary>
static class SubscriptionReader
{
    public static Subscription Read(YamlFields resource, bool v2)
    {
        var spec = resource.Map("spec");
        var (rules, path) = v2 ? Routes(spec.Map("routes")) : ([], spec.Required("route"));
        var subscription = new Subscription(
            spec.Required("pubsubname"), spec.Required("topic"), rules, path, spec.Text("deadLetterTopic"),
            spec.TextMap("metadata"), Bulk(spec.Map("bulkSubscribe")), SubscriptionOrigin.Declarative);
        spec.RejectUnknown();
        return subscription;
    }

    static (List<SubscriptionRule> Rules, string? Default) Routes(YamlFields routes)
    {
        var rules = new List<SubscriptionRule>();
        foreach (var rule in routes.Maps("rules"))
        {
            rules.Add(new(Match(rule), rule.Required("path")));
            rule.RejectUnknown();
        }
        var path = routes.Text("default");
        routes.RejectUnknown();
        if (rules.Count == 0 && path is not { Length: > 0 })
            throw routes.Wrong("", "needs a default or rules");
        return (rules, path);
    }

    static string Match(YamlFields rule)
    {
        var text = rule.Required("match");
        try
        {
            return Cel.Parse(text, "event").Text;
        }
        catch (FormatException e)
        {
            throw rule.Wrong("match", $"is not an expression: {e.Message}");
        }
    }

    static BulkSubscribe? Bulk(YamlFields bulk)
    {
        var enabled = bulk.Flag("enabled");
        var settings = new BulkSubscribe(
            Positive("maxMessagesCount", 100), TimeSpan.FromMilliseconds(Positive("maxAwaitDurationMs", 1000)));
        bulk.RejectUnknown();
        return enabled ? settings : null;

        int Positive(string field, int fallback) => bulk.Integer(field) switch
        {
            null => fallback,
            > 0 and int n => n,
            var n => throw bulk.Wrong(field, $"must be more than 0, not {n}"),
        };
    }
}
