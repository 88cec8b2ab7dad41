using System.Net;
using System.Text;
using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Gateway.Tests;

public sealed class ForwardingTests
{
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task The_service_gets_the_request_as_it_came_without_what_is_ours()
    {
        await using var f = await GatewayFixture.StartAsync();
        using var client = f.Gateway.As(_user);
        using var request =
            new HttpRequestMessage(HttpMethod.Put, "/api/devices/list?x=1&y=a%20b")
            {
                Content = new StringContent(
                "{\"a\":1}", Encoding.UTF8, "application/json")
            };
        request.Headers.Add("X-Custom", "c");
        request.Headers.Add("X-Request-ID", "r-1");
        request.Headers.Add("X-Service-Token", f.Gateway.Tokens.Service("device-service"));
        request.Headers.Add("dapr-caller-app-id", "billing-service");
        request.Headers.Add("dapr-api-token", "forged");
        request.Headers.Add("X-Forwarded-For", "1.2.3.4");
        (await client.SendAsync(request)).EnsureSuccessStatusCode();
        var got = Assert.Single(f.Devices.Requests("/api/devices/list"));
        Assert.Equal(("PUT", "?x=1&y=a%20b", "{\"a\":1}"), (got.Method, got.Query, got.Body));
        Assert.Equal(("c", "r-1"), (got.Headers["x-custom"], got.Headers["x-request-id"]));
        Assert.StartsWith("Bearer ", got.Headers["authorization"], StringComparison.Ordinal);
        Assert.False(got.Headers.ContainsKey("x-service-token"));
        Assert.False(got.Headers.ContainsKey("dapr-api-token"));
        Assert.Equal("api-gateway", got.Headers["dapr-caller-app-id"]);
        Assert.DoesNotContain(
            "1.2.3.4", got.Headers.GetValueOrDefault("x-forwarded-for", ""), StringComparison.Ordinal);
        Assert.StartsWith("gateway-", got.Headers["idempotency-key"], StringComparison.Ordinal);
        Assert.Equal("wait=8", got.Headers["prefer"]);
    }

    [Fact]
    public async Task Headers_that_are_not_ascii_stay_behind_and_a_key_that_is_not_is_refused()
    {
        await using var f = await GatewayFixture.StartAsync();
        f.Devices.On("/api/devices/list", new Reply(200, "{}"));
        using var utf8 = new HttpClient(new SocketsHttpHandler
        {
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        });
        foreach (var (header, status) in new[]
        {
            ("User-Agent", 200), ("Cookie", 200), ("Accept-Language", 200), ("X-Device", 200), ("Idempotency-Key", 400),
        })
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Post, new Uri(f.Gateway.Anonymous().BaseAddress!, "/api/devices/list"));
            request.Headers.Authorization = new("Bearer", f.Gateway.Tokens.User(_user, ["user"]));
            request.Headers.TryAddWithoutValidation(header, "云手机 é");
            using var answer = await utf8.SendAsync(request);
            Assert.True(status == (int)answer.StatusCode, $"{header}: {answer.StatusCode}");
            if (status == 200)
                Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        }
        Assert.Equal(4, f.Devices.Requests("/api/devices/list").Count);
    }

    /// <summary>Who has a key of its own is told that the first request still runs, and waits as it likes.</summary>
    [Fact]
    public async Task A_clients_own_key_stays_and_nobody_waits_for_it()
    {
        await using var f = await GatewayFixture.StartAsync();
        f.Devices.On("/api/devices/list", new Reply(200, "{}"));
        using var client = f.Gateway.As(_user);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "mine");
        client.DefaultRequestHeaders.Add("Prefer", "wait=30");
        (await client.PostAsync("/api/devices/list", null)).EnsureSuccessStatusCode();
        var got = Assert.Single(f.Devices.Requests("/api/devices/list"));
        Assert.Equal("mine", got.Headers["idempotency-key"]);
        Assert.False(got.Headers.ContainsKey("prefer"));
    }

    [Theory]
    [InlineData(201)]
    [InlineData(204)]
    [InlineData(302)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task The_answer_is_the_services(int status)
    {
        await using var f = await GatewayFixture.StartAsync();
        var body = status is 204 or 302 ? "" : "{\"title\":\"mine\"}";
        f.Devices.On("/api/devices/1",
            new Reply(status, body, default, ("Location", "/api/devices/2"), ("Retry-After", "7"), ("X-Own", "v")));
        using var client = f.Gateway.As(_user);
        var answer = await client.GetAsync("/api/devices/1");
        if (status == 302)
            return; // the test's client follows it
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("v", answer.Headers.GetValues("X-Own").Single());
        Assert.Single(answer.Headers.GetValues("X-Request-ID"));
        Assert.Equal(body, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/api/devices")]
    [InlineData("/api/users/me")]
    [InlineData("/api/billing/usage")]
    [InlineData("/ws/notifications/negotiate")]
    public async Task Without_a_token_nothing_passes(string path)
    {
        await using var f = await GatewayFixture.StartAsync();
        using var client = f.Gateway.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(path)).StatusCode);
        Assert.Empty(f.Devices.Requests(method: "POST"));
    }

    [Theory]
    [InlineData("POST", "/api/quotas/user/0190a1a0-0000-7000-8000-000000000001/usage")]
    [InlineData("POST", "/api/quotas/batch-usage")]
    [InlineData("GET", "/internal/users/contact")]
    [InlineData("POST", "/events/device.created")]
    [InlineData("PUT", "/actors/DeviceActor/1/method/x")]
    [InlineData("GET", "/v1.0/metadata")]
    [InlineData("GET", "/dapr/subscribe")]
    [InlineData("GET", "/api/nothing")]
    public async Task What_is_not_for_the_outside_does_not_exist(string method, string path)
    {
        await using var f = await GatewayFixture.StartAsync();
        using var client = f.Gateway.As(_user, "admin");
        var answer = await client.SendAsync(
            new(new(method), path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") });
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain(f.Users.Requests(), r => r.Path != "/internal/revocations"
            && !r.Path.StartsWith("/dapr/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Registration_and_login_need_no_token()
    {
        await using var f = await GatewayFixture.StartAsync();
        using var client = f.Gateway.Anonymous();
        (await client.PostAsync("/api/auth/login", new StringContent("{}"))).EnsureSuccessStatusCode();
        Assert.Single(f.Users.Requests("/api/auth/login"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_service_that_is_not_found_is_called_at_its_configured_address(bool isChunked)
    {
        await using var f = await GatewayFixture.StartAsync(
            devices: false, settings: p => [("DEVICE_SERVICE_URL", $"http://127.0.0.1:{p.Devices.Port}")]);
        using var client = f.Gateway.As(_user);
        (await client.SendAsync(NewDevice(isChunked))).EnsureSuccessStatusCode();
        Assert.Equal("{\"name\":\"x\"}", Assert.Single(f.Devices.Requests("/api/devices")).Body);
    }

    /// <summary>The first attempt may have taken effect: only under one key does the second not do it again.</summary>
    [Fact]
    public async Task One_that_timed_out_and_is_not_found_then_gets_the_same_key_at_its_configured_address()
    {
        const string policy = """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: gateway
            spec:
              policies:
                timeouts: {short: 500ms}
                retries: {again: {policy: constant, duration: 1s, maxRetries: 3}}
              targets:
                apps:
                  device-service.default: {timeout: short, retry: again}
            """;
        await using var f = await GatewayFixture.StartAsync([policy],
            settings: p => [("DEVICE_SERVICE_URL", $"http://127.0.0.1:{p.Devices.Port}")]);
        f.Devices.On("/api/devices", new Reply(201, "", TimeSpan.FromSeconds(2)), 201);
        using var client = f.Gateway.As(_user);
        var answer = client.SendAsync(NewDevice(isChunked: false));
        await f.Devices.WaitAsync("/api/devices");
        await f.EndDevicesSidecarAsync();
        Assert.Equal(HttpStatusCode.Created, (await answer).StatusCode);
        var got = f.Devices.Requests("/api/devices");
        Assert.Equal(2, got.Count);
        Assert.StartsWith("gateway-", got[0].Headers["idempotency-key"], StringComparison.Ordinal);
        Assert.Equal(got[0].Headers["idempotency-key"], got[1].Headers["idempotency-key"]);
        Assert.Equal("wait=8", got[1].Headers["prefer"]);
    }

    [Fact]
    public async Task A_chunked_body_goes_on_with_its_length_so_that_the_sidecar_can_repeat_it()
    {
        await using var f = await GatewayFixture.StartAsync();
        using var client = f.Gateway.As(_user);
        (await client.SendAsync(NewDevice(isChunked: true))).EnsureSuccessStatusCode();
        var got = Assert.Single(f.Devices.Requests("/api/devices"));
        Assert.Equal(("{\"name\":\"x\"}", "12"), (got.Body, got.Headers.GetValueOrDefault("content-length")));
    }

    static HttpRequestMessage NewDevice(bool isChunked)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/devices")
        {
            Content = new StringContent("{\"name\":\"x\"}", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = isChunked;
        return request;
    }

    [Fact]
    public async Task One_that_is_nowhere_is_a_problem_with_a_time_to_come_back()
    {
        await using var f = await GatewayFixture.StartAsync(devices: false);
        using var client = f.Gateway.As(_user);
        var answer = await client.GetAsync("/api/devices");
        await AssertProblemAsync(answer, 503, "unavailable");
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.DoesNotContain("ERR_", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_refuses_connections_is_a_502_and_one_that_sleeps_a_504()
    {
        const string policy = """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: gateway
            spec:
              policies:
                timeouts: {short: 300ms}
              targets:
                apps:
                  device-service: {timeout: short}
                  user-service: {timeout: short}
            """;
        await using var f = await GatewayFixture.StartAsync([policy]);
        f.Users.On("/api/users/me", new Reply(200, "", TimeSpan.FromSeconds(2)));
        using var client = f.Gateway.As(_user);
        await AssertProblemAsync(await client.GetAsync("/api/users/me"), 504, "timeout");
        await f.Devices.DisposeAsync();
        await AssertProblemAsync(await client.GetAsync("/api/devices"), 502, "unreachable");
    }

    /// <summary>Nobody knows whether it was done; who sends it again under the key named gets it done once.</summary>
    [Theory]
    [InlineData(null, "/api/devices", "gateway-")]
    [InlineData("mine", "/api/devices", "mine")]
    [InlineData(null, "/api/auth/register", null)] // nobody's keys are kept there
    public async Task A_change_whose_answer_is_lost_has_an_unknown_outcome_and_a_key_to_repeat_it_with(
        string? own, string path, string? named)
    {
        const string policy = """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: gateway
            spec:
              policies:
                timeouts: {short: 300ms}
              targets:
                apps:
                  device-service.default: {timeout: short}
                  user-service.default: {timeout: short}
            """;
        await using var f = await GatewayFixture.StartAsync([policy]);
        f.Devices.On(path, new Reply(201, "", TimeSpan.FromSeconds(2)));
        f.Users.On(path, new Reply(201, "", TimeSpan.FromSeconds(2)));
        using var client = f.Gateway.As(_user);
        if (own is not null)
            client.DefaultRequestHeaders.Add("Idempotency-Key", own);
        await AssertUnknownAsync();
        await f.Devices.DisposeAsync();
        await f.Users.DisposeAsync();
        await AssertUnknownAsync();

        async Task AssertUnknownAsync()
        {
            using var answer = await client.PostAsync(path, new StringContent("{}", Encoding.UTF8, "application/json"));
            await AssertProblemAsync(answer, 504, "outcome-unknown");
            var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal(named is not null, problem.TryGetProperty("idempotencyKey", out var key));
            Assert.StartsWith(named ?? "", named is null ? "" : key.GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_with_and_without_a_length()
    {
        await using var f = await GatewayFixture.StartAsync();
        using var client = f.Gateway.As(_user);
        await AssertProblemAsync(
            await client.PostAsync("/api/devices", new ByteArrayContent(new byte[16 << 20])), 413, "body-too-large");
        using var chunked = new HttpRequestMessage(
            HttpMethod.Post, "/api/devices")
        { Content = new ByteArrayContent(new byte[(1 << 20) + 1]) };
        chunked.Headers.TransferEncodingChunked = true;
        await AssertProblemAsync(await client.SendAsync(chunked), 413, "body-too-large");
    }

    /// <summary>A sidecar would end them after a few seconds.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Files_of_phones_go_straight_to_the_service_where_its_address_is_known(bool isKnown)
    {
        await using var f = await GatewayFixture.StartAsync(settings: parts =>
            isKnown ? [("DEVICE_SERVICE_URL", $"http://127.0.0.1:{parts.Devices.Port}")] : []);
        using var client = f.Gateway.As(_user);
        var path = $"/api/devices/{Guid.CreateVersion7()}/files";
        using var put = await client.PutAsync($"{path}?path=/sdcard/a", new ByteArrayContent(new byte[3 << 20]));
        put.EnsureSuccessStatusCode();
        (await client.GetAsync($"{path}/content?path=/sdcard/a")).EnsureSuccessStatusCode();
        foreach (var got in new[] { f.Devices.Requests(path), f.Devices.Requests($"{path}/content") })
            Assert.Equal(!isKnown, Assert.Single(got).Headers.ContainsKey("dapr-caller-app-id"));
        Assert.Equal(isKnown, f.Devices.Requests(path)[0].Headers.ContainsKey("content-length"));
        using var anonymous = f.Gateway.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(path)).StatusCode);
    }

    /// <summary>The service puts the whole file into a store, without a word, before it answers.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_is_waited_for_longer_than_anything_else(bool bySidecar)
    {
        await using var f = await GatewayFixture.StartAsync(apps: bySidecar, settings: p =>
            [("ANSWER_TIMEOUT_SECONDS", "1"), ("USE_CONSUL", bySidecar ? "true" : "false"),
                ("APP_SERVICE_URL", $"http://127.0.0.1:{p.Devices.Port}")]);
        using var client = f.Gateway.As(_user);
        var app = $"/api/apps/{Guid.CreateVersion7()}";
        foreach (var (path, status) in new[] { ("/api/apps", 201), ($"{app}/versions", 201), ($"{app}/approve", 504) })
        {
            f.Devices.On(path, new Reply(201, "{}", TimeSpan.FromSeconds(2.5)));
            using var form = new MultipartFormDataContent
            {
                { new ByteArrayContent(new byte[3 << 20]), "file", "a.apk" },
            };
            using var answer = await client.PostAsync(path, status == 201 ? form : null);
            Assert.Equal(status, (int)answer.StatusCode);
        }
    }

    static async Task AssertProblemAsync(HttpResponseMessage answer, int status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(type, JsonDocument.Parse(text).RootElement.GetProperty("type").GetString());
        Assert.Single(answer.Headers.GetValues("X-Request-ID"));
    }
}
