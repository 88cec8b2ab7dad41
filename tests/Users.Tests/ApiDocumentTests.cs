using System.Text.Json;

namespace CloudPhone.Users.Tests;

public sealed class ApiDocumentTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task Routes_that_need_no_token_say_so()
    {
        using var client = service.Anonymous();
        using var document = JsonDocument.Parse(await client.GetStringAsync("/openapi/v1.json"));
        Assert.Equal(0, Operation("/api/auth/register", "post").GetProperty("security").GetArrayLength());
        Assert.False(Operation("/api/users/me", "get").TryGetProperty("security", out _));

        JsonElement Operation(string path, string method) =>
            document.RootElement.GetProperty("paths").GetProperty(path).GetProperty(method);
    }
}
