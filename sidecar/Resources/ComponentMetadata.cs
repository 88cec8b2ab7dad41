using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Resources;

/// <summary>
/// The metadata entries of one component. Keys are case-insensitive. What a component asks for is known; after its
/// creation <see cref="RejectUnknown"/> turns every other key into an error that names file and field.
/// </summary>
sealed class ComponentMetadata(string component, string file, IReadOnlyDictionary<string, string> values)
{
    readonly Dictionary<string, string> _values = new(values, StringComparer.OrdinalIgnoreCase);
    readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyDictionary<string, string> All => _values;

    public string? Get(string key)
    {
        _known.Add(key);
        return _values.GetValueOrDefault(key);
    }

    public string Get(string key, string fallback) => Get(key) is { Length: > 0 } v ? v : fallback;

    /// <exception cref="ConfigurationException">It is missing or empty.</exception>
    public string Required(string key) =>
        Get(key) is { Length: > 0 } v ? v : throw Wrong(key, "is required");

    /// <summary>True, false, or as Go writes them: 1, t, y, yes, on.</summary>
    public bool GetBool(string key, bool fallback) => Get(key) is not { Length: > 0 } v ? fallback : IsTruthy(v);

    /// <exception cref="ConfigurationException">It is there and no whole number.</exception>
    public int GetInt(string key, int fallback) =>
        Get(key) is not { Length: > 0 } v ? fallback
        : int.TryParse(v, System.Globalization.CultureInfo.InvariantCulture, out var i) ? i
        : throw Wrong(key, $"must be a whole number, not '{v}'");

    /// <summary>A Go duration, or a bare number of seconds (in component metadata).</summary>
    public TimeSpan GetDuration(string key, TimeSpan fallback) =>
        Get(key) is not { Length: > 0 } v ? fallback
        : GoDuration.TryParse(v, TimeSpan.FromSeconds(1), out var d) ? d
        : throw Wrong(key, $"must be a duration like 5s, not '{v}'");

    /// <exception cref="ConfigurationException">A key that the component never asked for.</exception>
    public void RejectUnknown()
    {
        if (_values.Keys.FirstOrDefault(k => !_known.Contains(k)) is { } unknown)
            throw Wrong(unknown, $"is not a field of this component; it knows {string.Join(", ", _known.Order())}");
    }

    /// <summary>To be thrown: the sentence names file, component and key.</summary>
    public ConfigurationException Wrong(string key, string why) =>
        new($"{file}: component '{component}': spec.metadata '{key}' {why}.");

    public static bool IsTruthy(string v) =>
        v.Trim().ToLowerInvariant() is "true" or "1" or "t" or "y" or "yes" or "on";
}
