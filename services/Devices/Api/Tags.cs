namespace CloudPhone.Devices.Api;

/// <summary>Words that users put on their phones. In the database they are one text, with a space before and behind
/// each, so that one can be looked for.</summary>
static class Tags
{
    public const int MaxCount = 10, MaxLength = 32;
    /// <summary>Of the text in the database.</summary>
    public const int MaxText = (MaxCount * (MaxLength + 1)) + 1;

    public static readonly string Rule =
        $"tags has at most {MaxCount} tags of 1 to {MaxLength} letters, digits and . _ - : characters.";

    public static bool AreRight(IReadOnlyList<string> tags) => tags.Count <= MaxCount && tags.All(IsRight);

    public static bool IsRight(string? tag) =>
        tag is { Length: > 0 and <= MaxLength }
        && tag.All(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or ':');

    /// <summary>In small letters, each once.</summary>
    public static string Join(IReadOnlyList<string> tags) =>
        tags.Count == 0 ? "" : $" {string.Join(' ', tags.Select(t => t.ToLowerInvariant()).Distinct())} ";

    public static IReadOnlyList<string> Split(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
