using System.Net.Http.Json;
using System.Text.Json;

namespace CloudPhone.Scheduler.Tests;

static class Answers
{
    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> call, int status = 200)
    {
        using var answer = await call;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        return text.Length > 0 ? JsonDocument.Parse(text).RootElement : default;
    }

    public static async Task<JsonElement> ProblemAsync(this Task<HttpResponseMessage> call, int status, string type)
    {
        var problem = await call.JsonAsync(status);
        Assert.Equal(type, problem.GetProperty("type").GetString());
        Assert.NotEmpty(problem.GetProperty("requestId").GetString()!);
        return problem;
    }

    public static Guid Id(this JsonElement json, string property = "id") => json.GetProperty(property).GetGuid();

    public static string Text(this JsonElement json, string property) => json.GetProperty(property).GetString()!;

    public static int Number(this JsonElement json, string property) => json.GetProperty(property).GetInt32();

    public static List<JsonElement> Items(this JsonElement json) => [.. json.GetProperty("items").EnumerateArray()];

    public static Task<HttpResponseMessage> PlaceAsync(
        this HttpClient client, Guid device, int cpuCores = 1, int memoryGB = 1)
    {
        var user = Guid.CreateVersion7();
        return client.PostAsJsonAsync(
            "/internal/placements/place", new { deviceId = device, userId = user, cpuCores, memoryGB });
    }

    public static Task<HttpResponseMessage> ReleaseAsync(this HttpClient client, Guid device) =>
        client.PostAsJsonAsync("/internal/placements/release", new { deviceId = device });
}
