using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Runner.Template;

static class TemplateFields
{
    /// <summary>The text of a field, null where it is absent or empty.</summary>
    public static string? Set(this YamlFields fields, string field) =>
        fields.Text(field) is { Length: > 0 } text ? text : null;

    /// <summary>The number of a field, null where it is absent, 0 or negative.</summary>
    public static int? Positive(this YamlFields fields, string field) =>
        fields.Integer(field) is > 0 and var i ? i : null;

    public static TimeSpan? Span(this YamlFields fields, string field, TimeSpan unit) => fields.Positive(field) * unit;

    public static int? Port(this YamlFields fields, string field) => fields.Positive(field) switch
    {
        > 65535 and var p => throw fields.Wrong(field, $"must be a port, not {p}"),
        var p => p,
    };

    /// <summary>The absolute path, <c>~/</c> resolved; null where the field is absent.</summary>
    public static string? ExistingPath(this YamlFields fields, string field, string folder) =>
        fields.ExistingPath(field, folder, fields.Set(field));

    public static string? ExistingPath(this YamlFields fields, string field, string folder, string? path)
    {
        if (path is null or "")
            return null;
        if (path.StartsWith("~/", StringComparison.Ordinal))
            path = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..]);
        path = Path.GetFullPath(path, folder);
        return Path.Exists(path) ? path : throw fields.Wrong(field, $"names {path}, which does not exist");
    }
}
