using System.Net;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Invocation;

/// <summary>
/// Verb, path, query, headers and body as the called app gets them, and its answer as the caller gets it.
/// </summary>
public sealed class WhatArrivesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_arrives_as_it_was_sent_with_caller_callee_and_way(bool apart)
    {
        await using var pair = await Pair.StartAsync(apart: apart);
        pair.App.On("/api/devices/1",
            new Reply(201, """{"id":1}""", default,
                ("location", "/api/devices/1"), ("x-own", "v"), ("set-cookie", "a=b")));

        var answer = await pair.InvokeAsync("POST", "api/devices/1?x=1&y=a%20b", """{"name":"p"}""", false,
            ("authorization", "Bearer t"), ("x-request-id", "r1"), ("dapr-caller-app-id", "somebody-else"));

        var got = pair.Last;
        Assert.Equal(("POST", "/api/devices/1", "?x=1&y=a%20b", """{"name":"p"}"""),
            (got.Method, got.Path, got.Query, got.Body));
        Assert.Equal("application/json", got.Headers["content-type"]);
        Assert.Equal("12", got.Headers["content-length"]);
        Assert.Equal("Bearer t", got.Headers["authorization"]);
        Assert.Equal("r1", got.Headers["x-request-id"]);
        Assert.Equal("api-gateway", got.Headers["dapr-caller-app-id"]);
        Assert.Equal("default", got.Headers["dapr-caller-namespace"]);
        Assert.Equal("device-service", got.Headers["dapr-callee-app-id"]);
        var (address, host) = (got.Headers["x-forwarded-for"], got.Headers["x-forwarded-host"]);
        Assert.Equal(Dns.GetHostName(), host);
        Assert.Equal($"for={address};by={address};host={host}", got.Headers["forwarded"]);
        Assert.Equal($"127.0.0.1:{pair.App.Port}", got.Headers["host"]);
        Assert.DoesNotContain("traceparent", got.Headers.Keys);

        Assert.Equal((201, """{"id":1}"""), (answer.Status, answer.Body));
        Assert.Equal(("/api/devices/1", "v", "a=b", "application/json"),
            (answer.Headers["location"], answer.Headers["x-own"],
                answer.Headers["set-cookie"], answer.Headers["content-type"]));
    }

    [Theory]
    [InlineData("DELETE", 204, "")]
    [InlineData("GET", 302, "")]
    [InlineData("GET", 404, """{"title":"no such device"}""")]
    [InlineData("PUT", 503, "later")]
    [InlineData("GET", 418, "tea")]
    public async Task Status_and_headers_come_back_untouched(string method, int status, string body)
    {
        await using var pair = await Pair.StartAsync();
        pair.App.On("/x", new Reply(status, body, default, ("location", "/elsewhere"), ("retry-after", "7")));

        var answer = await pair.InvokeAsync(method, "x");

        Assert.Equal((status, body), (answer.Status, answer.Body));
        Assert.Equal(("/elsewhere", "7"), (answer.Headers["location"], answer.Headers["retry-after"]));
        Assert.Single(pair.App.Requests("/x"));
        Assert.Empty(pair.App.Requests("/elsewhere"));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Every_verb_passes(string method)
    {
        await using var pair = await Pair.StartAsync();

        Assert.Equal(200, (await pair.InvokeAsync(method, "api/x")).Status);
        Assert.Equal((method, "/api/x", ""), (pair.Last.Method, pair.Last.Path, pair.Last.Body));
    }

    [Fact]
    public async Task Headers_of_one_hop_do_not_pass()
    {
        await using var pair = await Pair.StartAsync();

        await pair.InvokeAsync("GET", "x", null, false,
            ("connection", "x-private"), ("x-private", "1"), ("te", "trailers"), ("proxy-authorization", "p"),
            ("upgrade", "websocket"), ("grpc-trace-bin", "AAAA"), ("dapr-api-token", "mine"), ("x-kept", "a"),
            ("x-empty", ""));

        var got = pair.Last.Headers;
        string[] gone = ["x-private", "te", "proxy-authorization", "upgrade", "grpc-trace-bin", "dapr-api-token"];
        Assert.All([.. gone, "connection"], name => Assert.DoesNotContain(name, got.Keys));
        Assert.Equal("a", got["x-kept"]);
        Assert.Equal("", got["x-empty"]);
    }

    [Fact]
    public async Task What_was_forwarded_before_stays_in_front()
    {
        await using var pair = await Pair.StartAsync(caller: o => o with
        {
            Environment = new Dictionary<string, string> { ["DAPR_HOST_IP"] = "10.1.2.3" },
        });

        await pair.InvokeAsync("GET", "x", null, false, ("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4"));

        Assert.Equal("1.2.3.4,10.1.2.3", pair.Last.Headers["x-forwarded-for"]);
        Assert.Equal($"for=1.2.3.4,for=10.1.2.3;by=10.1.2.3;host={Dns.GetHostName()}", pair.Last.Headers["forwarded"]);
    }

    [Fact]
    public async Task An_app_that_calls_itself_gets_no_headers_of_a_peer()
    {
        await using var pair = await Pair.StartAsync();

        var answer = await pair.Caller.InvokeAsync(
            "api-gateway", "GET", "x", null, false, ("dapr-caller-app-id", "forged"));

        Assert.Equal(200, answer.Status);
        var got = Assert.Single(pair.CallerApp.Requests("/x")).Headers;
        Assert.DoesNotContain(got.Keys, k => k.StartsWith("dapr-", StringComparison.Ordinal));
        Assert.DoesNotContain(got.Keys, k => k.StartsWith("x-forwarded", StringComparison.Ordinal));
    }
}
