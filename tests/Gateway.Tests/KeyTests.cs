using System.Net;
using System.Text.Json;
using CloudPhone.Shared.Auth;
using CloudPhone.Sidecar.Tests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Gateway.Tests;

public sealed class KeyTests
{
    const string Exchange = "/internal/api-keys/exchange";
    static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    readonly Guid _user = Guid.CreateVersion7();
    readonly string _key = ApiKeyFormat.New();

    static Task<GatewayFixture> StartAsync(params (string, string)[] more) => GatewayFixture.StartAsync(settings: p =>
    [
        ("USE_CONSUL", "false"), ("USER_SERVICE_URL", $"http://127.0.0.1:{p.Users.Port}"),
        ("DEVICE_SERVICE_URL", $"http://127.0.0.1:{p.Devices.Port}"), .. more,
    ]);

    string Token(GatewayFixture f, string scope) => f.Gateway.Tokens.User(_user, [Roles.User], scope: scope);

    static Reply Exchanged(string token, Guid? keyId = null) => JsonSerializer.Serialize(new
    {
        outcome = "exchanged", keyId = keyId ?? Guid.CreateVersion7(), token, expiresAt = Now.AddMinutes(15),
    });

    static HttpClient With(GatewayFixture f, string key) => f.Gateway.WithBearer(key);

    [Fact]
    public async Task A_key_is_exchanged_once_for_many_requests_and_services_see_only_the_token()
    {
        await using var f = await StartAsync();
        var token = Token(f, "devices:read");
        f.Users.On(Exchange, Exchanged(token));
        using var bearer = With(f, _key);
        using var own = f.Gateway.Anonymous();
        own.DefaultRequestHeaders.Add("X-Api-Key", _key);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? bearer : own).GetAsync("/api/devices")));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        var asked = Assert.Single(f.Users.Requests(Exchange));
        Assert.Contains(ApiKeyFormat.HashOf(_key), asked.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(_key, asked.Body, StringComparison.Ordinal);
        Assert.All(f.Devices.Requests("/api/devices"), r =>
        {
            Assert.Equal($"Bearer {token}", r.Headers["authorization"]);
            Assert.False(r.Headers.ContainsKey("x-api-key"));
        });
    }

    [Fact]
    public async Task Scopes_hold_at_the_door()
    {
        await using var f = await StartAsync();
        f.Users.On(Exchange, Exchanged(Token(f, "devices:read users:read")));
        using var client = With(f, _key);
        foreach (var path in new[] { "/api/devices", "/api/auth/login", "/api/auth/logout", "/api/users/me/password" })
        {
            var answer = await client.PostAsync(path, new StringContent("{}"));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("scope-missing", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/apps")).StatusCode);
        Assert.Empty(f.Devices.Requests(method: "POST"));
        Assert.Equal([Exchange], f.Users.Requests(method: "POST").Select(r => r.Path));
    }

    [Fact]
    public async Task An_unknown_key_is_asked_for_once_and_malformed_ones_never()
    {
        await using var f = await StartAsync();
        f.Users.On(Exchange, """{"outcome":"refused"}""");
        using var unknown = With(f, _key);
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await unknown.GetAsync("/api/devices")).StatusCode);
        Assert.Single(f.Users.Requests(Exchange));
        string[] odds = ["cpk_", _key[..^1], _key + "x", _key.Replace('_', '-'), "cpk_" + new string('%', 52)];
        foreach (var odd in odds)
        {
            using var client = With(f, odd);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/devices")).StatusCode);
        }
        using var twice = f.Gateway.Anonymous();
        twice.DefaultRequestHeaders.Add("X-Api-Key", [_key, _key]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await twice.GetAsync("/api/devices")).StatusCode);
        Assert.Single(f.Users.Requests(Exchange));
        Assert.Empty(f.Devices.Requests("/api/devices"));
    }

    [Fact]
    public async Task Guessing_keys_is_limited_by_address_and_known_keys_go_on()
    {
        await using var f = await StartAsync(
            ("RATE_LIMIT_LOGIN_PER_MINUTE", "5"), ("RATE_LIMIT_IP_PER_SECOND", "1000"));
        f.Users.On(Exchange, Exchanged(Token(f, "*")), """{"outcome":"refused"}""");
        using var known = With(f, _key);
        Assert.Equal(HttpStatusCode.OK, (await known.GetAsync("/api/devices")).StatusCode);
        var refused = 0;
        for (var i = 0; i < 20; i++)
        {
            using var guess = With(f, ApiKeyFormat.New());
            var answer = await guess.GetAsync("/api/devices");
            refused += answer.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                Assert.NotNull(answer.Headers.RetryAfter);
        }
        Assert.True(refused >= 15, $"{refused}");
        Assert.True(f.Users.Requests(Exchange).Count <= 6);
        Assert.Equal(HttpStatusCode.OK, (await known.GetAsync("/api/devices")).StatusCode);
    }

    [Fact]
    public async Task Without_the_user_service_known_keys_go_on_and_others_are_told_to_come_back()
    {
        await using var f = await StartAsync();
        f.Users.On(Exchange, Exchanged(Token(f, "*")), 500);
        using var known = With(f, _key);
        Assert.Equal(HttpStatusCode.OK, (await known.GetAsync("/api/devices")).StatusCode);
        using var other = With(f, ApiKeyFormat.New());
        var answer = await other.GetAsync("/api/devices");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await known.GetAsync("/api/devices")).StatusCode);
    }

    [Fact]
    public async Task A_token_is_renewed_a_minute_before_its_end_and_a_refusal_forgotten_after_half_of_one()
    {
        await using var f = await StartAsync();
        var clock = new FakeTimeProvider(Now);
        f.Gateway.With(clock);
        f.Users.On(Exchange, Exchanged(Token(f, "*")), Exchanged(Token(f, "*")), """{"outcome":"refused"}""");
        using var client = With(f, _key);
        async Task AssertAskedAsync(int times)
        {
            await client.GetAsync("/api/devices");
            Assert.Equal(times, f.Users.Requests(Exchange).Count);
        }
        await AssertAskedAsync(1);
        clock.Advance(TimeSpan.FromSeconds(839));
        await AssertAskedAsync(1);
        clock.Advance(TimeSpan.FromSeconds(2));
        await AssertAskedAsync(2);
        // the second ends at once by the same clock: it was not kept
        await AssertAskedAsync(3);
        await AssertAskedAsync(3);
        clock.Advance(TimeSpan.FromSeconds(31));
        await AssertAskedAsync(4);
    }

    [Fact]
    public async Task A_key_that_the_user_service_has_revoked_is_refused()
    {
        await using var f = await StartAsync(("REVOCATION_POLL_SECONDS", "1"));
        var keyId = Guid.CreateVersion7();
        f.Users.On(Exchange, Exchanged(Token(f, "*"), keyId), """{"outcome":"refused"}""");
        using var client = With(f, _key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/devices")).StatusCode);
        f.Users.On("/internal/revocations", JsonSerializer.Serialize(
            new RevocationFeed(Now, [keyId], false), JsonSerializerOptions.Web));
        await Wait.UntilAsync("the end of the key", async () =>
            (await client.GetAsync("/api/devices")).StatusCode == HttpStatusCode.Unauthorized);
        Assert.Equal(2, f.Users.Requests(Exchange).Count);
    }

    /// <summary>Nobody used it while its owner was suspended: what it got before is worth nothing all the
    /// same.</summary>
    [Fact]
    public async Task A_key_that_rested_gets_another_token()
    {
        await using var f = await StartAsync(("REVOCATION_POLL_SECONDS", "1"));
        var keyId = Guid.CreateVersion7();
        f.Users.On(Exchange, Exchanged(Token(f, "*"), keyId));
        using var client = With(f, _key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/devices")).StatusCode);
        f.Users.On("/internal/revocations", JsonSerializer.Serialize(
            new RevocationFeed(Now, [], false, [new(keyId, Now)]), JsonSerializerOptions.Web));
        await Wait.UntilAsync("another token", async () =>
            (await client.GetAsync("/api/devices")).IsSuccessStatusCode && f.Users.Requests(Exchange).Count > 1);
    }

    [Fact]
    public async Task A_token_beside_a_key_counts_and_the_key_goes_no_further()
    {
        await using var f = await StartAsync();
        using var client = f.Gateway.As(_user);
        client.DefaultRequestHeaders.Add("X-Api-Key", _key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/devices")).StatusCode);
        Assert.Empty(f.Users.Requests(Exchange));
        Assert.False(Assert.Single(f.Devices.Requests("/api/devices")).Headers.ContainsKey("x-api-key"));
    }
}
