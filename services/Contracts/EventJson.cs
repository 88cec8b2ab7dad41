using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CloudPhone.Contracts;

/// <summary>
/// How events are written: camelCase, enums as strings, nulls left out, unknown fields of newer publishers skipped.
/// </summary>
public static class EventJson
{
    /// <summary>
    /// A null is left out when an event is written; so what may be null may be missing when one is read.
    /// </summary>
    public static IJsonTypeInfoResolver Resolver { get; } = new DefaultJsonTypeInfoResolver().WithAddedModifier(type =>
    {
        if (!typeof(IEvent).IsAssignableFrom(type.Type))
            return;
        foreach (var property in type.Properties)
            property.IsRequired &= !property.IsSetNullable;
    });

    /// <summary>
    /// For both sides of the wire. Reading throws <see cref="JsonException"/> where a field is missing that has no
    /// default, or where a null stands in one that takes none.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = Resolver,
    };
}
