using System.Text.Json;

namespace CloudPhone.Devices.Tests.Testing;

static class Expect
{
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer, int status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(type, problem.GetProperty("type").GetString());
        return problem;
    }
}
