using System.Text.Json;

namespace CloudPhone.Sidecar.Expressions;

static class CelValues
{
    /// <summary>JSON scalars as plain values; objects and arrays stay as they are until they are looked into.</summary>
    public static object? FromJson(object? value) => value is not JsonElement json ? value : json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => json,
    };

    public static bool TryGet(object? of, string name, out object? value)
    {
        value = null;
        if (of is not JsonElement { ValueKind: JsonValueKind.Object } json)
            throw new CelException($"'{name}' is asked of a {Kind(of)}, which has no fields");
        if (!json.TryGetProperty(name, out var property))
            return false;
        value = FromJson(property);
        return true;
    }

    public static object? At(object? of, object? index)
    {
        if (of is JsonElement { ValueKind: JsonValueKind.Object })
            return TryGet(of, index as string ?? throw new CelException($"a {Kind(index)} is no key"), out var value)
                ? value
                : throw new CelException($"no such key: {index}");
        var list = Items(of) ?? throw new CelException($"a {Kind(of)} has no index");
        var position = index switch
        {
            long l => l,
            double d when d == Math.Floor(d) && Math.Abs(d) < int.MaxValue => (long)d,
            _ => throw new CelException($"a {Kind(index)} is no index"),
        };
        return position >= 0 && position < list.Count ? list[(int)position]
            : throw new CelException($"index out of bounds: {position}");
    }

    public static IReadOnlyList<object?>? Items(object? value) => value switch
    {
        IReadOnlyList<object?> list => list,
        JsonElement { ValueKind: JsonValueKind.Array } json => [.. json.EnumerateArray().Select(e => FromJson(e))],
        _ => null,
    };

    public static bool Bool(object? value, string operation) =>
        value is bool b ? b : throw new CelException($"{operation} needs a bool and not a {Kind(value)}");

    public static string Text(object? value, string operation) =>
        value as string ?? throw new CelException($"{operation} needs a string and not a {Kind(value)}");

    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (long l, double d) => l == d,
        (double d, long l) => d == l,
        (JsonElement { ValueKind: JsonValueKind.Object } a, JsonElement { ValueKind: JsonValueKind.Object } b) =>
            JsonElement.DeepEquals(a, b),
        _ when Items(left) is { } a && Items(right) is { } b =>
            a.Count == b.Count && a.Zip(b).All(p => AreEqual(p.First, p.Second)),
        _ => Equals(left, right),
    };

    public static string Kind(object? value) => value switch
    {
        null => "null",
        bool => "bool",
        long => "int",
        double => "double",
        string => "string",
        JsonElement { ValueKind: JsonValueKind.Object } => "map",
        _ => "list",
    };
}
