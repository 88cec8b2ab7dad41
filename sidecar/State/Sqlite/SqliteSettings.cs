using System.Text.RegularExpressions;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.State.Sqlite;

/// <summary>The metadata of <c>state.sqlite</c>.</summary>
/// <param name="Path">Full path of the file; null: a database in memory, of this component alone.</param>
/// <param name="Timeout">Longest time that an operation may wait for its turn.</param>
/// <param name="BusyTimeout">Longest time to wait for another process that writes.</param>
/// <param name="CleanupInterval">Zero or less: expired rows stay in the file (they are never returned).</param>
sealed partial record SqliteSettings(
    string? Path, string Table, string MetadataTable, TimeSpan Timeout, TimeSpan BusyTimeout,
        TimeSpan CleanupInterval, bool Wal)
{
    public static SqliteSettings Read(Component component)
    {
        var m = component.Metadata;
        return new(
            ReadPath(m), ReadTable(m, "tableName", "state"), ReadTable(m, "metadataTableName", "metadata"),
            Positive(m, m.Get("timeout") is null ? "timeoutInSeconds" : "timeout", TimeSpan.FromSeconds(20)),
            Positive(m, "busyTimeout", TimeSpan.FromSeconds(2)),
            m.GetDuration(m.Get("cleanupInterval") is null ? "cleanupIntervalInSeconds" : "cleanupInterval",
                TimeSpan.FromHours(1)),
            !m.GetBool("disableWAL", false));
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
    private static partial Regex Identifier();

    static string? ReadPath(ComponentMetadata m)
    {
        const string field = "connectionString";
        var text = m.Required(field);
        if (text.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            text = text["file:".Length..];
            if (text.StartsWith("///", StringComparison.Ordinal))
                text = text[2..];
            text = Uri.UnescapeDataString(text);
        }
        if (text == ":memory:")
            return null;
        if (text.Contains('?', StringComparison.Ordinal))
            throw m.Wrong(field, "must be the path of a file, or file:path, without options after a question mark");
        return System.IO.Path.GetFullPath(text);
    }

    static string ReadTable(ComponentMetadata m, string field, string fallback)
    {
        var name = m.Get(field, fallback);
        return Identifier().IsMatch(name)
            ? name
            : throw m.Wrong(field, $"must be a name of letters, digits and underscores, not '{name}'");
    }

    static TimeSpan Positive(ComponentMetadata m, string field, TimeSpan fallback)
    {
        var value = m.GetDuration(field, fallback);
        return value > TimeSpan.Zero ? value : throw m.Wrong(field, "must be more than zero");
    }
}
