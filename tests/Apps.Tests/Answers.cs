using System.Net.Http.Json;
using System.Text.Json;

namespace CloudPhone.Apps.Tests;

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

    public static List<JsonElement> Items(this JsonElement json) => [.. json.GetProperty("items").EnumerateArray()];

    public static Task<HttpResponseMessage> UploadAsync(
        this HttpClient client, byte[] apk, string? name = "An app", string? preinstall = null,
        string path = "/api/apps")
    {
        var form = new MultipartFormDataContent();
        if (name is not null)
            form.Add(new StringContent(name), "name");
        form.Add(new ByteArrayContent(apk), "file", "app.apk");
        if (preinstall is not null)
            form.Add(new StringContent(preinstall), "preinstall");
        return client.PostAsync(path, form);
    }

    public static Task<HttpResponseMessage> AddVersionAsync(this HttpClient client, Guid app, byte[] apk) =>
        client.UploadAsync(apk, name: null, path: $"/api/apps/{app}/versions");

    public static Task<HttpResponseMessage> BeginAsync(
        this HttpClient client, Guid install, Guid device, Guid user, Guid app) =>
        client.PostAsJsonAsync("/internal/installs/begin",
            new { installId = install, deviceId = device, userId = user, appId = app });

    public static Task<HttpResponseMessage> ResultAsync(
        this HttpClient client, Guid install, string outcome, string? error = null) =>
        client.PostAsJsonAsync("/internal/installs/result", new { installId = install, outcome, error });
}
