using CloudPhone.Sidecar.Hosting;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CloudPhone.Sidecar.Resources.Yaml;

/// <summary>The documents of one YAML file, read strictly.</summary>
static class YamlFile
{
    /// <summary>The documents that hold something, in order, each with its place in the file.</summary>
    /// <param name="expand">What becomes of each text.</param>
    /// <exception cref="ConfigurationException">The file can't be read, is no YAML, or a document is no
    /// mapping.</exception>
    public static IReadOnlyList<(int Index, YamlFields Fields)> Documents(
        string file, Func<string, string>? expand = null)
    {
        var text = Text(file);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new ConfigurationException(
                $"{file}: line {e.Start.Line}, column {e.Start.Column}: not valid YAML: {e.Message}");
        }
        var documents = new List<(int, YamlFields)>();
        for (var i = 0; i < stream.Documents.Count; i++)
        {
            var root = stream.Documents[i].RootNode;
            if (YamlValues.IsNull(root))
                continue;
            if (root is not YamlMappingNode map)
                throw new ConfigurationException(
                    $"{file}: line {root.Start.Line}: a resource must be a mapping of fields.");
            if (expand is not null)
                foreach (var scalar in map.AllNodes.OfType<YamlScalarNode>())
                    scalar.Value = expand(scalar.Value ?? "");
            documents.Add((i, new(file, "", map)));
        }
        return documents;
    }

    static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file}: can't be read: {e.Message}");
        }
    }
}
