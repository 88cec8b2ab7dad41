using System.Globalization;
using CloudPhone.Sidecar.Hosting;
using YamlDotNet.RepresentationModel;

namespace CloudPhone.Sidecar.Resources.Yaml;

/// <summary>
/// A mapping whose fields are known by being asked for; <see cref="RejectUnknown"/> turns every other one into an error
/// that names the file, the field and what is known.
/// </summary>
sealed class YamlFields(string file, string path, YamlMappingNode? node)
{
    readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public string File => file;
    public string Path => path;

    /// <summary>The names as written; for mappings whose keys are the user's own.</summary>
    public IReadOnlyList<string> Names =>
        node is null ? [] : [.. node.Children.Keys.Select(k => (k as YamlScalarNode)?.Value ?? "")];

    public bool Has(string field) => Node(field) is not null;

    public object? Value(string field) => Node(field) is { } n ? YamlValues.ToObject(n) : null;

    /// <summary>A string, number or boolean as its text; lists and mappings as JSON. Null: not there.</summary>
    public string? AnyText(string field) => Node(field) is { } n ? YamlValues.ToText(n) : null;

    public string? Text(string field) => Node(field) switch
    {
        null => null,
        YamlScalarNode s => s.Value ?? "",
        _ => throw Wrong(field, "must be a text"),
    };

    public string Required(string field) => Text(field) is { Length: > 0 } t ? t : throw Wrong(field, "is required");

    public bool Flag(string field, bool fallback = false) => Text(field) switch
    {
        null => fallback,
        "true" => true,
        "false" => false,
        var other => throw Wrong(field, $"must be true or false, not '{other}'"),
    };

    public int? Integer(string field) => Text(field) switch
    {
        null => null,
        var t when int.TryParse(t, CultureInfo.InvariantCulture, out var i) => i,
        var t => throw Wrong(field, $"must be a whole number, not '{t}'"),
    };

    /// <summary>A Go duration, or a bare number in <paramref name="bareUnit"/>; never negative.</summary>
    public TimeSpan? Duration(string field, TimeSpan bareUnit) => Text(field) switch
    {
        null => null,
        var t when GoDuration.TryParse(t, bareUnit, out var d) && d >= TimeSpan.Zero => d,
        var t => throw Wrong(field, $"must be a duration like 5s or 250ms, not '{t}'"),
    };

    /// <summary>The mapping in that field; an empty one where the field is absent.</summary>
    public YamlFields Map(string field) => Node(field) switch
    {
        null => new(file, Join(field), null),
        YamlMappingNode m => new(file, Join(field), m),
        _ => throw Wrong(field, "must be a mapping of fields"),
    };

    public IEnumerable<YamlFields> Maps(string field) => Items(field).Select((item, i) =>
        new YamlFields(file, $"{Join(field)}[{i}]", item as YamlMappingNode
            ?? throw Wrong($"{field}[{i}]", "must be a mapping of fields")));

    public IReadOnlyList<string> Texts(string field) =>
        [.. Items(field).Select(
            i => i is YamlScalarNode s ? s.Value ?? "" : throw Wrong(field, "must be a list of texts"))];

    public IReadOnlyDictionary<string, string> TextMap(string field)
    {
        var map = Map(field);
        return map.Names.ToDictionary(n => n, n => map.AnyText(n) ?? "");
    }

    /// <summary>Allows a field that says nothing to a sidecar, like labels.</summary>
    public void Ignore(params string[] fields) => _known.UnionWith(fields);

    public void RejectUnknown()
    {
        if (Names.FirstOrDefault(n => !_known.Contains(n)) is { } unknown)
            throw Wrong(unknown, $"is not a known field; known here: {string.Join(", ", _known.Order())}");
    }

    public ConfigurationException Wrong(string field, string why) => new($"{file}: field '{Join(field)}' {why}.");

    string Join(string field) => path.Length == 0 ? field : field.Length == 0 ? path : $"{path}.{field}";

    IReadOnlyList<YamlNode> Items(string field) => Node(field) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children],
        _ => throw Wrong(field, "must be a list"),
    };

    YamlNode? Node(string field)
    {
        _known.Add(field);
        return node is not null && node.Children.TryGetValue(new YamlScalarNode(field), out var value)
            && !YamlValues.IsNull(value) ? value : null;
    }
}
