using System.Net;
using System.Net.Http.Json;
using CloudPhone.SampleService;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Shared.Tests;

public sealed class ScopesTests : IAsyncDisposable
{
    readonly TestService<NotesDb> _service = new();

    [Theory]
    [InlineData("devices:read", "GET", "/api/devices/1", null)]
    [InlineData("devices:read", "HEAD", "/API/Devices", null)]
    [InlineData("apps:read devices:write", "DELETE", "/api/devices/1", null)]
    [InlineData("*", "POST", "/api/billing/orders", null)]
    [InlineData("users:read", "GET", "/api/users/me", null)]
    [InlineData("devices:read", "GET", "/health", null)]
    [InlineData("notifications:write", "GET", "/ws/notifications", null)]
    [InlineData("devices:read", "POST", "/api/devices", "devices:write")]
    [InlineData("devices:write", "GET", "/api/devices", "devices:read")]
    [InlineData("devices:read", "OPTIONS", "/api/devices", "devices:write")]
    [InlineData("devices:read", "GET", "/api/apps", "apps:read")]
    [InlineData("devices:read", "GET", "/api/devicesX", "devicesx:read")]
    [InlineData("notifications:read", "GET", "/ws/notifications", "notifications:write")]
    [InlineData("", "GET", "/api", ":read")]
    [InlineData("*", "POST", "/api/auth/logout", "")]
    [InlineData("*", "GET", "/api/AUTH/anything", "")]
    [InlineData("* users:write", "POST", "/api/users/me/password", "")]
    [InlineData("*", "DELETE", "/api/Users/me/api-keys/1", "")]
    public void A_request_needs_the_scope_of_its_area(string scopes, string method, string path, string? missing) =>
        Assert.Equal(missing, Scopes.Missing(scopes, method, path));

    [Fact]
    public async Task What_a_key_may_not_do_is_refused_before_it_is_done()
    {
        var user = Guid.CreateVersion7();
        using var reader = _service.WithBearer(_service.Tokens.User(user, [Roles.User], scope: "notes:read"));
        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/api/notes")).StatusCode);
        var refused = await reader.PostAsJsonAsync("/api/notes", new NewNote("n", 1));
        await PlatformTests.AssertProblemAsync(refused, 403, "scope-missing");
        using var writer = _service.WithBearer(_service.Tokens.User(user, [Roles.User], scope: "*"));
        var made = await writer.PostAsJsonAsync("/api/notes", new NewNote("n", 1));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Contains("\"text\":\"n\"", await reader.GetStringAsync("/api/notes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scope_of_no_text_opens_nothing()
    {
        using var client = _service.WithBearer(
            _service.Tokens.User(Guid.CreateVersion7(), [Roles.Admin], scope: ""));
        await PlatformTests.AssertProblemAsync(await client.GetAsync("/api/notes"), 403, "scope-missing");
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
