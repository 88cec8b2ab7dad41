using System.Net;
using System.Text.Json;

namespace CloudPhone.Gateway.Tests;

public sealed class LimitsTests
{
    [Fact]
    public async Task A_user_who_asks_too_much_waits_and_others_do_not()
    {
        await using var f = await GatewayFixture.StartAsync(settings: _ => [("RATE_LIMIT_USER_PER_SECOND", "2")]);
        using var greedy = f.Gateway.As(Guid.CreateVersion7());
        using var other = f.Gateway.As(Guid.CreateVersion7());
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 20; i++)
            answers.Add(await greedy.GetAsync("/api/devices"));
        var refused = answers.First(a => a.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal("too-many-requests",
            JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("type").GetString());
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/api/devices")).StatusCode);
    }

    [Fact]
    public async Task Guessing_passwords_is_limited_by_address()
    {
        await using var f = await GatewayFixture.StartAsync(settings: _ => [("RATE_LIMIT_LOGIN_PER_MINUTE", "5")]);
        using var client = f.Gateway.Anonymous();
        for (var i = 0; i < 5; i++)
            Assert.Equal(
                HttpStatusCode.OK, (await client.PostAsync("/api/auth/login", new StringContent("{}"))).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests,
            (await client.PostAsync("/api/auth/login", new StringContent("{}"))).StatusCode);
    }

    [Theory]
    [InlineData("/api/devices", "no token of ours")]
    [InlineData("/openapi.json", null)]
    public async Task Who_shows_no_valid_token_is_limited_by_address(string path, string? token)
    {
        await using var f = await GatewayFixture.StartAsync(settings: _ => [("RATE_LIMIT_IP_PER_SECOND", "2")]);
        using var client = token is null ? f.Gateway.Anonymous() : f.Gateway.WithBearer(token);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 20; i++)
            answers.Add((await client.GetAsync(path)).StatusCode);
        Assert.Equal(token is null ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answers[0]);
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
    }

    [Fact]
    public async Task The_API_document_holds_all_services_and_nothing_internal()
    {
        await using var f = await GatewayFixture.StartAsync();
        f.Devices.On("/openapi/v1.json", """
            {"paths":{"/api/devices":{"get":{"x":{"$ref":"#/components/schemas/Page"}}}},
            "components":{"schemas":{"Page":{"a":1}}}}
            """);
        f.Users.On("/openapi/v1.json", """
            {"paths":{"/api/users/me":{},"/internal/users/contact":{},"/api/quotas/batch-usage":{}},
            "components":{"schemas":{"Page":{"b":1}}}}
            """);
        using var client = f.Gateway.Anonymous();
        var document = JsonDocument.Parse(await client.GetStringAsync("/openapi.json")).RootElement;
        Assert.Equal(["/api/devices", "/api/users/me"], document.GetProperty("paths").EnumerateObject()
            .Select(p => p.Name).Order());
        Assert.Equal(["device.Page", "user.Page"], document.GetProperty("components").GetProperty("schemas")
            .EnumerateObject().Select(p => p.Name).Order());
        Assert.Contains("#/components/schemas/device.Page", document.ToString(), StringComparison.Ordinal);
        Assert.Contains("<html", await client.GetStringAsync("/docs"), StringComparison.OrdinalIgnoreCase);
    }
}
