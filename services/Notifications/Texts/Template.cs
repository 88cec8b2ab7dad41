using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CloudPhone.Notifications.Texts;

/// <summary>
/// Fills <c>{field}</c> with the event's field of that name. <c>{amount:money}</c> shows two places,
/// <c>{amount:credit}</c> the same with the other sign, for what is given back, <c>{at:time}</c> a time in UTC,
/// <c>{seconds:duration}</c> hours, minutes and seconds. What the event leaves out shows as a dash,
/// or as the word for <c>none</c>.
/// </summary>
static partial class Template
{
    const string Missing = "–";

    public static string Render(
        string template, string eventName, JsonElement data, IReadOnlyDictionary<string, string> words) =>
        Field().Replace(template, m =>
        {
            var name = m.Groups["name"].Value;
            if (!data.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                return words.GetValueOrDefault($"{eventName}.{name}.none") ?? Missing;
            return m.Groups["format"].Value switch
            {
                "money" => Money(value.GetDecimal()),
                "credit" => Money(-value.GetDecimal()),
                "time" => value.GetDateTimeOffset().UtcDateTime
                    .ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
                "duration" => TimeSpan.FromSeconds(value.GetInt64()).ToString("c", CultureInfo.InvariantCulture),
                _ => words.GetValueOrDefault($"{eventName}.{name}.{value}") ?? value.ToString(),
            };
        });

    static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>The fields that a template names.</summary>
    public static IEnumerable<(string Name, string Format)> FieldsOf(string template) =>
        Field().Matches(template).Select(m => (m.Groups["name"].Value, m.Groups["format"].Value));

    [GeneratedRegex(@"\{(?<name>[A-Za-z]+)(:(?<format>[a-z]+))?\}")]
    private static partial Regex Field();
}
