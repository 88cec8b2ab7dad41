using System.Net;
using System.Net.Http.Headers;

namespace CloudPhone.Gateway.Tests;

/// <summary>Metrics tell of users and siblings: strangers don't find them at the one door from outside.</summary>
public sealed class MetricsTests
{
    static async Task<HttpStatusCode> ReadAsync(
        TestService<GatewayOptions> gateway, string? bearer = null, string? forwardedFor = null)
    {
        using var client = gateway.Anonymous();
        if (bearer is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (forwardedFor is not null)
            client.DefaultRequestHeaders.Add("X-Forwarded-For", forwardedFor);
        return (await client.GetAsync("/metrics")).StatusCode;
    }

    [Fact]
    public async Task Without_a_token_they_are_for_the_own_network()
    {
        await using var gateway = new TestService<GatewayOptions>();
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(gateway));
        Assert.Equal(HttpStatusCode.NotFound, await ReadAsync(gateway, forwardedFor: "10.0.0.7"));
    }

    [Theory]
    [InlineData("Forwarded", "for=10.0.0.7")]
    [InlineData("X-Real-IP", "10.0.0.7")]
    [InlineData("Via", "1.1 proxy")]
    public async Task Whatever_a_proxy_marks_its_requests_with_they_are_not_for_them(string name, string value)
    {
        await using var gateway = new TestService<GatewayOptions>();
        using var client = gateway.Anonymous();
        client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/metrics")).StatusCode);
    }

    [Fact]
    public async Task Who_comes_from_elsewhere_through_a_trusted_proxy_finds_none()
    {
        await using var gateway = new TestService<GatewayOptions>(("TRUSTED_PROXIES", "127.0.0.1,::1"));
        Assert.Equal(HttpStatusCode.NotFound, await ReadAsync(gateway, forwardedFor: "203.0.113.9"));
    }

    [Fact]
    public async Task With_a_token_they_are_for_who_shows_it()
    {
        await using var gateway = new TestService<GatewayOptions>(("METRICS_TOKEN", "a token of 16 characters"));
        Assert.Equal(HttpStatusCode.NotFound, await ReadAsync(gateway));
        Assert.Equal(HttpStatusCode.NotFound, await ReadAsync(gateway, "another"));
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(gateway, "a token of 16 characters", "203.0.113.9"));
    }

    [Fact]
    public async Task A_short_token_ends_the_process()
    {
        await using var gateway = new TestService<GatewayOptions>(("METRICS_TOKEN", "short"));
        Assert.ThrowsAny<Exception>(() => gateway.Anonymous());
    }
}
