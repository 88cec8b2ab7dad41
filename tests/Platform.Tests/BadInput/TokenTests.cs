using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Who may call what, for every route that the services tell of.</summary>
[Collection(nameof(SharedPlatform))]
public sealed class TokenTests(PlatformFixture fixture) : BadInputTest(fixture.Platform)
{
    static readonly string AnId = Guid.CreateVersion7().ToString();

    /// <summary>Open without a token, at every service.</summary>
    internal static readonly string[] Open =
        ["/health", "/health/live", "/health/ready", "/metrics", "/openapi/v1.json"];

    [Fact]
    public async Task The_gateway_tells_of_all_routes_but_those_of_services()
    {
        using var http = new HttpClient();
        var document = System.Text.Json.JsonDocument.Parse(
            await http.GetStringAsync(new Uri(Platform.Gateway, "/openapi.json"))).RootElement;
        var told = document.GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}"))
                .Order(StringComparer.Ordinal);
        Assert.Equal(
            Access.Of.Where(a => a.Value != Audience.Services).Select(a => a.Key).Order(StringComparer.Ordinal), told);
    }

    /// <summary>The other side of the matrix: whom a route is for gets past the guards.</summary>
    [Fact]
    public async Task A_token_opens_the_routes_that_it_is_for()
    {
        var wrong = new List<string?>();
        foreach (var operation in (await Operation.AllAsync(Platform))
            .Where(o => o.Audience is not (Audience.Anybody or Audience.Services)))
        {
            using var answer = await SendAsync(Platform.Gateway, operation.Method, operation.At(AnId),
                TokenFor(operation, Guid.CreateVersion7()), operation.Body is null ? null : Json("{"));
            wrong.Add((int)answer.StatusCode is 401 or 403 or >= 500
                ? $"{operation.Name}: {(int)answer.StatusCode}" : null);
        }
        Refusal.AssertNone(wrong);
    }

    [Fact]
    public async Task What_is_open_is_open_and_nothing_else_is()
    {
        string[] services = [AppIds.Gateway, AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler,
            AppIds.Billing, AppIds.Notifications, AppIds.Media];
        var wrong = new List<string?>();
        foreach (var service in services)
        {
            foreach (var path in Open)
            {
                using var answer = await SendAsync(Platform.AddressOf(service), HttpMethod.Get, path);
                wrong.Add(
                    answer.StatusCode == HttpStatusCode.OK ? null : $"{service} {path}: {(int)answer.StatusCode}");
            }
            foreach (var path in new[] { "/api", "/nothing", "/api/nothing", "/.env", "/swagger", "/internal",
                "/internal/anything", "/events" })
                wrong.Add(await Refusal.WrongAsync(
                    $"{service} {path}", await SendAsync(Platform.AddressOf(service), HttpMethod.Get, path), 401, 404));
        }
        Refusal.AssertNone(wrong);
    }

    [Theory]
    [InlineData("GET", "/api/devices/list")]
    [InlineData("GET", "/ws/notifications")]
    [InlineData("POST", "/ws/notifications/negotiate?negotiateVersion=1")]
    public async Task Routes_that_no_document_tells_of_need_a_token_as_well(string method, string path)
    {
        var wrong = new List<string?>();
        foreach (var (kind, token) in BadTokens())
        {
            wrong.Add(await Refusal.WrongAsync(
                $"{path} with {kind}", await SendAsync(Platform.Gateway, new HttpMethod(method), path, token), 401));
            if (path.StartsWith("/ws/", StringComparison.Ordinal) && token is not null)
                wrong.Add(await Refusal.WrongAsync($"{path} with {kind} in the query",
                    await SendAsync(
                        Platform.Gateway, new HttpMethod(method),
                        $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}access_token={token}"),
                        401));
        }
        Refusal.AssertNone(wrong);
    }

    [Fact]
    public async Task A_token_in_the_query_counts_only_for_WebSockets()
    {
        var token = Tokens.User(Guid.CreateVersion7(), [Roles.User]);
        Refusal.AssertNone(
            [await Refusal.WrongAsync("query",
            await SendAsync(Platform.Gateway, HttpMethod.Get, $"/api/devices?access_token={token}"), 401)]);
    }
}
