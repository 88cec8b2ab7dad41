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
    static readonly string[] Open = ["/health", "/health/live", "/health/ready", "/metrics", "/openapi/v1.json"];

    [Fact]
    public async Task Every_route_has_its_audience_and_every_audience_its_route()
    {
        var told = (await Operation.AllAsync(Platform)).Select(o => o.Name).Order(StringComparer.Ordinal);
        Assert.Equal(Access.Of.Keys.Order(StringComparer.Ordinal), told);
    }

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

    [Fact]
    public Task Bad_tokens_get_401_at_the_gateway_and_at_the_services_and_change_nothing() =>
        Facts.UnchangedAsync(Platform, async () =>
    {
        var wrong = new List<string?>();
        foreach (var operation in (await Operation.AllAsync(Platform)).Where(o => o.Audience != Audience.Anybody))
            foreach (var (kind, token) in BadTokens())
            {
                var path = operation.At(AnId);
                var body = operation.Body is null ? null : "{}";
                wrong.Add(await Refusal.WrongAsync($"{operation.Name} at its service with {kind}",
                    await SendAsync(Platform.AddressOf(operation.AppId), operation.Method, path, token, body is null
                        ? null : Json(body)), 401));
                if (operation.Audience != Audience.Services)
                    wrong.Add(await Refusal.WrongAsync($"{operation.Name} at the gateway with {kind}",
                        await SendAsync(
                            Platform.Gateway, operation.Method, path, token, body is null ? null : Json(body)), 401));
            }
        Refusal.AssertNone(wrong);
    });

    [Fact]
    public async Task A_users_token_opens_what_is_for_users_and_no_more()
    {
        var token = Tokens.User(Guid.CreateVersion7(), [Roles.User]);
        var wrong = new List<string?>();
        foreach (var operation in (await Operation.AllAsync(Platform)).Where(o => o.Audience != Audience.Anybody))
        {
            var answer = await SendAsync(Platform.Gateway, operation.Method, operation.At(AnId), token,
                operation.Body is null ? null : Json("{"));
            if (operation.Audience == Audience.Users)
                wrong.Add((int)answer.StatusCode is 401 or 403 or >= 500 ? $"{operation.Name}: {(int)answer.StatusCode}"
                    : null);
            else
                wrong.Add(await Refusal.WrongAsync(
                    operation.Name, answer, operation.Audience == Audience.Services ? 404 : 403));
        }
        Refusal.AssertNone(wrong);
    }

    [Fact]
    public async Task What_is_for_admins_is_for_no_operator()
    {
        var wrong = new List<string?>();
        foreach (var operation in (await Operation.AllAsync(Platform)).Where(o => o.Audience == Audience.Admins))
            wrong.Add(await Refusal.WrongAsync(
                operation.Name, await SendAsync(Platform.Gateway, operation.Method, operation.At(AnId), OperatorToken,
                    operation.Body is null ? null : Json("{")), 403));
        Refusal.AssertNone(wrong);
    }

    [Fact]
    public async Task An_operators_token_opens_what_is_for_operators_but_not_what_is_for_services()
    {
        var token = Tokens.User(Guid.CreateVersion7(), [Roles.User, Roles.Operator, Roles.Admin]);
        var wrong = new List<string?>();
        foreach (var operation in await Operation.AllAsync(Platform))
        {
            if (operation.Audience is Audience.Operators or Audience.Admins)
            {
                using var answer = await SendAsync(Platform.Gateway, operation.Method, operation.At(AnId), token,
                    operation.Body is null ? null : Json("{"));
                wrong.Add((int)answer.StatusCode is 401 or 403 or >= 500 ? $"{operation.Name}: {(int)answer.StatusCode}"
                    : null);
            }
            if (operation.Audience != Audience.Services)
                continue;
            wrong.Add(await Refusal.WrongAsync($"{operation.Name} at its service",
                await SendAsync(Platform.AddressOf(operation.AppId), operation.Method, operation.At(AnId), token,
                    Json("{}")), 401));
            wrong.Add(await Refusal.WrongAsync($"{operation.Name} at the gateway",
                await SendAsync(Platform.Gateway, operation.Method, operation.At(AnId), token, Json("{}")), 404));
            wrong.Add(await Refusal.WrongAsync($"{operation.Name} at the gateway with a service's token",
                await SendAsync(Platform.Gateway, operation.Method, operation.At(AnId), token, Json("{}"),
                    (ServiceTokens.Header, Tokens.Service(AppIds.Devices))), 404));
        }
        Refusal.AssertNone(wrong);
    }

    [Fact]
    public async Task A_services_token_is_worth_nothing_at_the_gateway()
    {
        var wrong = new List<string?>();
        foreach (var operation in (await Operation.AllAsync(Platform))
            .Where(o => o.Audience is Audience.Users or Audience.Operators or Audience.Admins))
            wrong.Add(await Refusal.WrongAsync(
                operation.Name, await SendAsync(Platform.Gateway, operation.Method, operation.At(AnId),
                content: operation.Body is null ? null
                    : Json("{}"), headers: (ServiceTokens.Header, Tokens.Service(AppIds.Devices))), 401));
        Refusal.AssertNone(wrong);
    }

    [Fact]
    public async Task What_is_open_is_open_and_nothing_else_is()
    {
        string[] services = [AppIds.Gateway, AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler,
            AppIds.Billing, AppIds.Notifications];
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
