using System.Text.Json;

namespace CloudPhone.Postgres.Tests;

static class Http
{
    /// <summary>The answer's JSON, of an answer with this status.</summary>
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> call, int status = 200)
    {
        using var answer = await call;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        return text.Length > 0 ? JsonDocument.Parse(text).RootElement : default;
    }

    public static async Task<List<JsonElement>> ItemsAsync(this HttpClient client, string path) =>
        [.. (await client.GetAsync(path).JsonAsync()).GetProperty("items").EnumerateArray()];

    public static string Text(this JsonElement json, string property) => json.GetProperty(property).GetString()!;

    /// <summary>Does the same many times at once.</summary>
    public static Task<T[]> AtOnceAsync<T>(int times, Func<int, Task<T>> work) =>
        Task.WhenAll(Enumerable.Range(0, times).Select(work));
}
