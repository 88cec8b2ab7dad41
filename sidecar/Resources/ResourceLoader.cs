using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Resources;

/// <summary>Reads the resources folders and the Configuration of one sidecar; stricter than the runtime, which passes
/// over much.</summary>
static class ResourceLoader
{
    const string V1 = "dapr.io/v1alpha1", V2 = "dapr.io/v2alpha1";

    /// <exception cref="ConfigurationException">Names the file and the field, and says what is known there.</exception>
    public static LoadedResources Load(SidecarOptions options)
    {
        var found = new Found(options);
        foreach (var folder in options.ResourcesPaths)
            foreach (var file in Files(folder))
                foreach (var (index, document) in YamlFile.Documents(file))
                    found.Read(document, index);
        ResiliencyCheck.References(found.Resiliency);
        return new(found.Components, found.Subscriptions, ConfigurationReader.Load(options), found.Resiliency)
        {
            Warnings = found.Warnings,
        };
    }

    static IEnumerable<string> Files(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ConfigurationException(
                $"The resources folder {folder} does not exist; --resources-path must name a folder.");
        return Directory.EnumerateFiles(folder)
            .Where(f => Path.GetExtension(f).ToLowerInvariant() is ".yaml" or ".yml")
            .Order(StringComparer.Ordinal);
    }

    sealed class Found(SidecarOptions options)
    {
        readonly Dictionary<(string Kind, string Name), string> _files = [];

        public List<ComponentSpec> Components { get; } = [];
        public List<Subscription> Subscriptions { get; } = [];
        public List<ResiliencySpec> Resiliency { get; } = [];
        public List<string> Warnings { get; } = [];

        public void Read(YamlFields resource, int index)
        {
            var (kind, version) = (resource.Required("kind"), resource.Required("apiVersion"));
            switch (kind)
            {
                case "Component":
                    Known(resource, version, V1);
                    Keep(Components, resource, kind, ComponentReader.Read);
                    break;
                case "Subscription":
                    Known(resource, version, V1, V2);
                    Keep(Subscriptions, resource, kind, (_, r) => SubscriptionReader.Read(r, version == V2));
                    break;
                case "Resiliency":
                    Known(resource, version, V1);
                    if (index > 0)
                        Warnings.Add($"{resource.File}: a Resiliency is read only as the first document of a file.");
                    else
                        Keep(Resiliency, resource, kind, ResiliencyReader.Read, nameMayRepeat: true);
                    break;
                case "Configuration":
                    throw resource.Wrong(
                        "kind", "is Configuration, which is given by --config and not in a resources folder");
                default:
                    throw resource.Wrong("kind", $"is '{kind}'; known: Component, Subscription, Resiliency");
            }
        }

        /// <summary>Checks the resource whether or not it is in scope; keeps it if it is.</summary>
        void Keep<T>(
            List<T> kept, YamlFields resource, string kind, Func<string, YamlFields, T> read,
            bool nameMayRepeat = false)
        {
            var metadata = resource.Map("metadata");
            var name = metadata.Required("name");
            var space = metadata.Text("namespace");
            metadata.Ignore("labels", "annotations");
            metadata.RejectUnknown();
            var scopes = resource.Texts("scopes");
            var value = read(name, resource);
            resource.RejectUnknown();
            if ((scopes.Count > 0 && !scopes.Contains(options.AppId)) || IsElsewhere(space))
                return;
            if (!nameMayRepeat && !_files.TryAdd((kind, name), resource.File))
                throw metadata.Wrong("name", $"is '{name}', as that of another {kind} in {_files[(kind, name)]}");
            kept.Add(value);
        }

        /// <summary>Namespaces divide only where the sidecar was told its own.</summary>
        bool IsElsewhere(string? space) =>
            space is { Length: > 0 } && options.Environment.GetValueOrDefault("NAMESPACE") is { Length: > 0 } own
                && space != own;

        static void Known(YamlFields resource, string version, params string[] known)
        {
            if (!known.Contains(version))
                throw resource.Wrong("apiVersion", $"is '{version}'; known: {string.Join(", ", known)}");
        }
    }
}
