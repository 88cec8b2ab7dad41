using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CloudPhone.Sidecar.Resources.Yaml;

/// <summary>YAML nodes as plain values, by YAML's core schema.</summary>
static partial class YamlValues
{
    [GeneratedRegex(@"^[-+]?\d+$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$")]
    private static partial Regex Float();

    public static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any } s
            && s.Value is null or "" or "~" or "null";

    /// <summary>null, bool, long, double, string, a list or a dictionary.</summary>
    public static object? ToObject(YamlNode node) => node switch
    {
        YamlSequenceNode list => list.Children.Select(ToObject).ToList(),
        YamlMappingNode map =>
            map.Children.ToDictionary(c => ((YamlScalarNode)c.Key).Value ?? "", c => ToObject(c.Value)),
        YamlScalarNode scalar => Scalar(scalar),
        _ => null,
    };

    /// <summary>A scalar's own text; lists and mappings as JSON.</summary>
    public static string ToText(YamlNode node) =>
        IsNull(node) ? "" : node is YamlScalarNode s ? s.Value ?? "" : JsonSerializer.Serialize(ToObject(node));

    static object? Scalar(YamlScalarNode node)
    {
        var text = node.Value ?? "";
        if (IsNull(node))
            return null;
        if (node.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
            return text;
        return text switch
        {
            "true" or "True" or "TRUE" => true,
            "false" or "False" or "FALSE" => false,
            _ when Integer().IsMatch(text) && long.TryParse(text, CultureInfo.InvariantCulture, out var i) => i,
            _ when Float().IsMatch(text) => double.Parse(text, CultureInfo.InvariantCulture),
            _ => text,
        };
    }
}
