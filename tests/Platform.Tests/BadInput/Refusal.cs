using System.Text.Json;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Checks that an answer is the right problem.</summary>
static class Refusal
{
    /// <returns>Null where it is a whole RFC 9457 problem with one of the statuses; else what is wrong.</returns>
    public static Task<string?> WrongAsync(string what, HttpResponseMessage answer, params int[] statuses) =>
        WrongAsync(what, answer, statuses, null);

    /// <inheritdoc cref="WrongAsync(string, HttpResponseMessage, int[])"/>
    public static Task<string?> WrongAsync(string what, HttpResponseMessage answer, int status, string type) =>
        WrongAsync(what, answer, [status], type);

    static async Task<string?> WrongAsync(string what, HttpResponseMessage answer, int[] statuses, string? only)
    {
        using var given = answer;
        var text = await answer.Content.ReadAsStringAsync();
        var said = $"{what}: {(int)answer.StatusCode} {text[..Math.Min(text.Length, 300)]}";
        if (!statuses.Contains((int)answer.StatusCode))
            return said;
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return $"no problem: {said}";
        var problem = JsonDocument.Parse(text).RootElement;
        return problem.GetProperty("status") is { ValueKind: JsonValueKind.Number } status
            && status.GetInt32() == (int)answer.StatusCode
            && problem.TryGetProperty("type", out var type) && type.GetString() is { Length: > 0 } word
            && (only ?? word) == word
            && problem.TryGetProperty("title", out _)
            && problem.TryGetProperty("requestId", out var id) && id.GetString() is { Length: > 0 } requestId
            && answer.Headers.TryGetValues("X-Request-ID", out var header) && header.Single() == requestId
            && !text.Contains("   at ", StringComparison.Ordinal)
            ? null : $"not a whole problem: {said}";
    }

    /// <summary>All at once says more than the first.</summary>
    public static void AssertNone(IEnumerable<string?> wrong)
    {
        var list = wrong.OfType<string>().ToList();
        Assert.True(list.Count == 0, $"{list.Count} wrong:\n{string.Join('\n', list.Take(60))}");
    }
}
