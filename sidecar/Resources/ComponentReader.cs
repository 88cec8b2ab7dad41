using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Resources;

static class ComponentReader
{
    static readonly TimeSpan DefaultInitTimeout = TimeSpan.FromSeconds(5);

    public static ComponentSpec Read(string name, YamlFields resource)
    {
        var spec = resource.Map("spec");
        var auth = resource.Map("auth");
        var store = auth.Text("secretStore");
        auth.RejectUnknown();
        var version = spec.Text("version") is { Length: > 0 } v ? v : "v1";
        if (version != "v1")
            throw spec.Wrong("version", $"is '{version}'; known: v1");
        var timeout = spec.Duration("initTimeout", TimeSpan.FromSeconds(1)) ?? DefaultInitTimeout;
        var component = new ComponentSpec(
            name, spec.Required("type"), version, Metadata(spec), store, spec.Flag("ignoreErrors"),
            timeout == TimeSpan.Zero ? DefaultInitTimeout : timeout, resource.File);
        spec.RejectUnknown();
        if (component.NeedsSecrets && store is not { Length: > 0 })
            throw auth.Wrong("secretStore", "is required by a secretKeyRef");
        return component;
    }

    static List<MetadataItem> Metadata(YamlFields spec)
    {
        var items = new List<MetadataItem>();
        foreach (var entry in spec.Maps("metadata"))
        {
            var item = new MetadataItem(
                entry.Required("name"), entry.AnyText("value"), Secret(entry), entry.Text("envRef"));
            entry.RejectUnknown();
            if (new object?[] { item.Value, item.Secret, item.EnvironmentVariable }.Count(o => o is not null) > 1)
                throw entry.Wrong("name", $"'{item.Name}' has more than one of value, secretKeyRef and envRef");
            if (items.Any(i => i.Name.Equals(item.Name, StringComparison.OrdinalIgnoreCase)))
                throw entry.Wrong("name", $"'{item.Name}' is there twice");
            items.Add(item);
        }
        return items;
    }

    static SecretKeyRef? Secret(YamlFields entry)
    {
        if (!entry.Has("secretKeyRef"))
            return null;
        var reference = entry.Map("secretKeyRef");
        var name = reference.Required("name");
        var secret = new SecretKeyRef(name, reference.Text("key") is { Length: > 0 } key ? key : name);
        reference.RejectUnknown();
        return secret;
    }
}
