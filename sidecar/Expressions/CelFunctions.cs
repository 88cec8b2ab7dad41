using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CloudPhone.Sidecar.Expressions;

/// <summary>The functions by name and number of arguments; a method's object is its first argument.</summary>
static class CelFunctions
{
    const int MostPatterns = 200;

    static readonly ConcurrentDictionary<string, Regex> Patterns = new();

    public static IReadOnlyDictionary<(string Name, int Arguments), Func<object?[], object?>> All { get; } =
        new Dictionary<(string, int), Func<object?[], object?>>
        {
            [("size", 1)] = a => Size(a[0]),
            [("startsWith", 2)] = a =>
                Text(a, 0, "startsWith").StartsWith(Text(a, 1, "startsWith"), StringComparison.Ordinal),
            [("endsWith", 2)] = a => Text(a, 0, "endsWith").EndsWith(Text(a, 1, "endsWith"), StringComparison.Ordinal),
            [("contains", 2)] = a => Text(a, 0, "contains").Contains(Text(a, 1, "contains"), StringComparison.Ordinal),
            [("matches", 2)] = a => Pattern(Text(a, 1, "matches")).IsMatch(Text(a, 0, "matches")),
            [("int", 1)] = a => Int(a[0]),
            [("double", 1)] = a => Double(a[0]),
            [("string", 1)] = a => String(a[0]),
        };

    public static string Names { get; } = string.Join(", ", All.Keys.Select(k => k.Name));

    public static void CheckPattern(string pattern, int position)
    {
        try
        {
            Pattern(pattern);
        }
        catch (CelException e)
        {
            throw new FormatException($"position {position}: {e.Message}");
        }
    }

    static string Text(object?[] arguments, int index, string function) => CelValues.Text(arguments[index], function);

    static long Size(object? value) => value switch
    {
        string s => s.EnumerateRunes().Count(),
        JsonElement { ValueKind: JsonValueKind.Object } map => map.GetPropertyCount(),
        _ => CelValues.Items(value)?.Count
            ?? throw new CelException($"size does not go with a {CelValues.Kind(value)}"),
    };

    static long Int(object? value) => value switch
    {
        long l => l,
        double d when d is > long.MinValue and < long.MaxValue => (long)d,
        string s when long.TryParse(s, CultureInfo.InvariantCulture, out var l) => l,
        _ => throw new CelException($"int can't be made of this {CelValues.Kind(value)}"),
    };

    static double Double(object? value) => value switch
    {
        long l => (double)l,
        double d => d,
        string s when double.TryParse(s, CultureInfo.InvariantCulture, out var d) => d,
        _ => throw new CelException($"double can't be made of this {CelValues.Kind(value)}"),
    };

    static string String(object? value) => value switch
    {
        string s => s,
        bool b => b ? "true" : "false",
        long or double => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        _ => throw new CelException($"string can't be made of a {CelValues.Kind(value)}"),
    };

    /// <summary>Without backtracking: the time to match grows with the text alone, whatever the pattern.</summary>
    static Regex Pattern(string pattern)
    {
        if (Patterns.TryGetValue(pattern, out var known))
            return known;
        try
        {
            var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            if (Patterns.Count < MostPatterns)
                Patterns[pattern] = regex;
            return regex;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CelException($"'{pattern}' is no regular expression: {e.Message}");
        }
    }
}
