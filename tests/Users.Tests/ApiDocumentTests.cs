using System.Text.Json;

namespace CloudPhone.Users.Tests;

public sealed class ApiDocumentTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task Routes_say_whether_they_need_a_token_and_that_they_spare_admins()
    {
        using var client = service.Anonymous();
        using var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        Assert.Equal(0, Operation("/api/auth/register", "post").GetProperty("security").GetArrayLength());
        Assert.False(Operation("/api/users/me", "get").TryGetProperty("security", out _));

        foreach (var path in new[] { "/api/users/{id}/sessions", "/api/users/{id}/api-keys/{keyId}" })
            Assert.True(Operation(path, "delete").GetProperty("responses").TryGetProperty("403", out _), path);

        JsonElement Operation(string path, string method) =>
            document.RootElement.GetProperty("paths").GetProperty(path).GetProperty(method);
    }
}
