using System.Text.Json.Nodes;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Makes bad bodies from a route's schema.</summary>
static class Mutations
{
    /// <summary>Bodies that are no JSON object at all.</summary>
    public static readonly (string Kind, string Text)[] NotObjects =
    [
        ("malformed", "{\"name\":"), ("empty", ""), ("an array", "[]"), ("null", "null"), ("a string", "\"x\""),
            ("a number", "7"), ("two values", "{} {}"),
        ("a comment", "{/* */}"), ("a comma too many", "{\"a\":1,}"),
        ("too deep", $"{{\"a\":{new string('[', 200)}{new string(']', 200)}}}"),
        ("no UTF-8", "\ud800{"), ("a wrong escape", "{\"\\ud800\":1}"),
    ];

    static readonly string[] WrongIntegers = ["1e400", "1.5", "9223372036854775808", "-9223372036854775808"];

    /// <summary>Negative, not a number, larger than can be kept, and finer than any coin.</summary>
    static readonly string[] WrongAmounts =
        ["-1", "NaN", "1e400", "1e29", "79228162514264337593543950335", "0.0000001"];

    /// <summary>A whole and right body, with one property after the other made wrong.</summary>
    public static IEnumerable<(string Kind, string Text)> Of(JsonObject schema)
    {
        var properties = schema["properties"]!.AsObject();
        foreach (var (name, property) in properties)
        {
            var types = TypesOf(property!);
            foreach (var (kind, value) in Wrong(types, property!))
            {
                var body = RightOf(properties);
                body[name] = value;
                yield return ($"{name} {kind}", body.ToJsonString());
            }
            if (types.Contains("integer") || types.Contains("number"))
                foreach (var number in types.Contains("integer") ? WrongIntegers : WrongAmounts)
                {
                    var body = RightOf(properties);
                    body[name] = 0;
                    yield return ($"{name} {number}", body.ToJsonString()
                        .Replace($"\"{name}\":0", $"\"{name}\":{number}", StringComparison.Ordinal));
                }
            if (schema["required"] is JsonArray required && required.Any(r => r!.GetValue<string>() == name))
            {
                var body = RightOf(properties);
                body.Remove(name);
                yield return ($"without {name}", body.ToJsonString());
                body[name] = null;
                yield return ($"{name} null", body.ToJsonString());
            }
            var twice = RightOf(properties).ToJsonString();
            yield return (
                $"{name} twice", $"{twice[..^1]},\"{name}\":{(RightOf(properties)[name] ?? "x").ToJsonString()}}}");
        }
    }

    /// <summary>A whole body that the schema allows.</summary>
    public static JsonObject Right(JsonObject schema) =>
        schema["properties"] is JsonObject properties ? RightOf(properties) : [];

    static IEnumerable<(string, JsonNode?)> Wrong(IReadOnlyList<string> types, JsonNode property)
    {
        if (!types.Contains("object"))
            yield return ("an object", new JsonObject { ["a"] = 1 });
        yield return ("an array", new JsonArray(new JsonArray(1)));
        if (!types.Contains("boolean"))
            yield return ("true", true);
        if (!types.Contains("integer") && !types.Contains("number"))
            yield return ("a number", 7);
        if (types.Contains("integer"))
        {
            yield return ("a number as text", "1");
            yield return ("negative", -1);
            yield return ("huge", int.MaxValue);
            yield return ("the least", int.MinValue);
        }
        if (!types.Contains("string"))
            yield return ("text", "x");
        else
            yield return ("huge text", new string('x', 300_000));
        if (types.Contains("string") && property["format"] is not null)
            yield return ("other text", "x");
    }

    static JsonObject RightOf(JsonObject properties)
    {
        var body = new JsonObject();
        foreach (var (name, property) in properties)
            body[name] = TypesOf(property!) switch
            {
                _ when name == "storageGB" => 10,
                var t when t.Contains("integer") || t.Contains("number") => 1,
                var t when t.Contains("boolean") => true,
                var t when t.Contains("array") => new JsonArray(),
                var t when t.Contains("object") => Right(property!.AsObject()),
                _ when property!["enum"] is JsonArray words => words.First(w => w is not null)!.DeepClone(),
                _ when property!["format"]?.GetValue<string>() == "uuid" => Guid.CreateVersion7().ToString(),
                _ when property!["format"]?.GetValue<string>() == "date-time" => "2030-01-01T00:00:00Z",
                _ when name == "email" => $"{Guid.NewGuid():N}@example.com",
                _ when name == "language" => "en",
                _ => $"x{Guid.NewGuid():N}"[..20],
            };
        return body;
    }

    /// <summary>A word by reference, as enums are, counts as text.</summary>
    static List<string> TypesOf(JsonNode property) => property["type"] switch
    {
        JsonArray several => [.. several.Select(t => t!.GetValue<string>())],
        { } one => [one.GetValue<string>()],
        _ => ["string"],
    };
}
