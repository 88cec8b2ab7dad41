using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudPhone.Media.Input;

/// <summary>The names of an enum, in kebab case, and nothing else: the library's own converter takes any case, and
/// lists of them.</summary>
sealed class ExactNames<TEnum> : JsonConverter<TEnum> where TEnum : struct, Enum
{
    static readonly Dictionary<string, TEnum> Values = Enum.GetValues<TEnum>()
        .ToDictionary(v => JsonNamingPolicy.KebabCaseLower.ConvertName(v.ToString()));

    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out var value)
            ? value : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()));
}
