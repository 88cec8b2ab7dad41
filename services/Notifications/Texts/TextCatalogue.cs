using System.Text.Json;
using CloudPhone.Notifications.People;

namespace CloudPhone.Notifications.Texts;

/// <summary>The texts of one language, as its file has them.</summary>
/// <param name="Words">Values of events in words, by event, field and value: <c>device.stopped.reason.user</c>.</param>
/// <param name="Texts">By event name; <see cref="Template"/> says what the braces mean.</param>
sealed record LanguageTexts(MailTexts Mail, Dictionary<string, string> Words, Dictionary<string, EventText> Texts);

/// <param name="Attached">Follows the text of a mail that brings a file.</param>
sealed record MailTexts(string Greeting, string Footer, string Attached);

sealed record EventText(string Title, string Message);

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
        return (Template.Render(text.Title, eventName, data, words),
            Template.Render(text.Message, eventName, data, words));
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
