using System.Text.Json;
using CloudPhone.Notifications.People;

namespace CloudPhone.Notifications.Texts;

/// <summary>The texts of one language, as its file has them.</summary>
/// <param name="Words">Values of events in words, by event, field and value: <c>device.stopped.reason.user</c>.</param>
/// <param name="Texts">By event name; <see cref="Template"/> says what the braces mean.</param>
sealed record LanguageTexts(MailTexts Mail, Dictionary<string, string> Words, Dictionary<string, EventText> Texts);

/// <param name="Attached">Follows the text of a mail that brings a file.</param>
sealed record MailTexts(string Greeting, string Footer, string Attached);

/// <param name="Instead">The first of them that fits the event is said in place of title and message.</param>
sealed record EventText(string Title, string Message, IReadOnlyList<SpecialText>? Instead = null);

/// <param name="When">By field: the word that it has, or <c>negative</c> or <c>positive</c> for a number.</param>
sealed record SpecialText(IReadOnlyDictionary<string, string> When, string Title, string Message)
{
    public bool Fits(JsonElement data) =>
        When.All(w => data.TryGetProperty(w.Key, out var value) && IsLike(value, w.Value));

    static bool IsLike(JsonElement value, string wanted) => value.ValueKind switch
    {
        JsonValueKind.Number => wanted == Math.Sign(value.GetDecimal()) switch
        {
            < 0 => "negative",
            > 0 => "positive",
            _ => "",
        },
        JsonValueKind.String => value.GetString() == wanted,
        _ => false,
    };
}

/// <summary>What is said to users, in each language: the files beside this one.</summary>
sealed class TextCatalogue
{
    readonly Dictionary<string, LanguageTexts> _languages = Language.All.ToDictionary(l => l, Load);

    public LanguageTexts this[string language] => _languages[language];

    public (string Title, string Message) Render(string language, string eventName, JsonElement data)
    {
        var (_, words, texts) = _languages[language];
        // rows of a kind that exists no more can still be read
        var text = texts.GetValueOrDefault(eventName) ?? new(eventName, eventName);
        var (title, message) = text.Instead?.FirstOrDefault(t => t.Fits(data)) is { } special
            ? (special.Title, special.Message) : (text.Title, text.Message);
        return (Template.Render(title, eventName, data, words), Template.Render(message, eventName, data, words));
    }

    /// <exception cref="InvalidOperationException">A language has no text for the event.</exception>
    public void Require(string eventName)
    {
        if (_languages.FirstOrDefault(l => !l.Value.Texts.ContainsKey(eventName)).Key is { } language)
            throw new InvalidOperationException($"Texts/{language}.json has no text for {eventName}.");
    }

    static LanguageTexts Load(string language)
    {
        using var file = typeof(TextCatalogue).Assembly.GetManifestResourceStream($"{language}.json")
            ?? throw new InvalidOperationException($"There is no Texts/{language}.json.");
        return JsonSerializer.Deserialize<LanguageTexts>(file, JsonSerializerOptions.Web)!;
    }
}
