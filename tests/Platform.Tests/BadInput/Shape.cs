using System.Text.Json;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>
/// The names and types that an answer must have; more is fine. Written like the answer: <c>id</c>, <c>text</c>,
/// <c>int</c>, <c>number</c>,
/// <c>bool</c>, <c>time</c>, <c>any</c>, with a question mark where null may stand; or a word of several with bars
/// between.
/// </summary>
static class Shape
{
    public static void Assert(string shape, JsonElement answer) =>
        Check(JsonDocument.Parse(shape).RootElement, answer, "$", answer.GetRawText());

    static void Check(JsonElement shape, JsonElement value, string at, string whole)
    {
        switch (shape.ValueKind)
        {
            case JsonValueKind.Object:
                Xunit.Assert.True(value.ValueKind == JsonValueKind.Object, $"{at} is no object: {whole}");
                foreach (var property in shape.EnumerateObject())
                {
                    Xunit.Assert.True(value.TryGetProperty(property.Name, out var inner),
                        $"{at}.{property.Name} is missing: {whole}");
                    Check(property.Value, inner, $"{at}.{property.Name}", whole);
                }
                break;
            case JsonValueKind.Array:
                Xunit.Assert.True(value.ValueKind == JsonValueKind.Array
                    && value.GetArrayLength() > 0, $"{at} is no list with something in it: {whole}");
                foreach (var item in value.EnumerateArray())
                    Check(shape[0], item, $"{at}[]", whole);
                break;
            case JsonValueKind.String:
                Xunit.Assert.True(Is(shape.GetString()!, value), $"{at} is not {shape}: {value} in {whole}");
                break;
            default:
                Xunit.Assert.Equal(shape.GetRawText(), value.GetRawText());
                break;
        }
    }

    static bool Is(string kind, JsonElement value) =>
        kind.EndsWith('?') ? value.ValueKind == JsonValueKind.Null || Is(kind[..^1], value)
        : kind switch
        {
            "id" => value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) && id.Version == 7,
            "text" => value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0,
            "int" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            "bool" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "time" => value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)
                && time.Offset == TimeSpan.Zero,
            "any" => true,
            _ => value.ValueKind == JsonValueKind.String && kind.Split('|').Contains(value.GetString()),
        };
}
