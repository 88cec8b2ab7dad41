using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Text that tries to be something else: a second header, a log line, SQL, a script.</summary>
[Collection(nameof(SharedPlatform))]
public sealed partial class InjectionTests(PlatformFixture fixture) : BadInputTest(fixture.Platform)
{
    /// <summary>
    /// What every line of the platform begins with: who says it, and when, or the runner's own words.
    /// </summary>
    [GeneratedRegex(@"^[a-z][a-z-]+ +\| ")]
    private static partial Regex LineOfAService();

    [Theory]
    [InlineData("two words")]
    [InlineData("a;b")]
    [InlineData("a\tb")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("../../x")]
    [InlineData("a\"b")]
    [InlineData("%0d%0aX-Evil: 1")]
    [InlineData("65-characters-and-more-65-characters-and-more-65-characters-and-more")]
    [InlineData("\u00e9\u00e8")]
    public async Task A_request_id_that_is_none_is_replaced(string id)
    {
        var answer = await RawAsync(
            $"GET /api/devices HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: {id}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401", answer, StringComparison.Ordinal);
        var given = Regex.Match(
            answer, "^X-Request-ID: (.*)\r$", RegexOptions.Multiline | RegexOptions.IgnoreCase).Groups[1].Value;
        Assert.Matches("^[0-9a-f]{32}$", given);
        Assert.DoesNotContain("X-Evil", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("X-Request-ID: a\r\n b")]
    [InlineData("X-Request-ID: a\0b")]
    [InlineData("X-Request-ID: a\nX-Service-Token: b\rc")]
    [InlineData("X-Request ID: a")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6")]
    [InlineData("Content-Length: -1")]
    [InlineData("Transfer-Encoding: chunked, identity")]
    public async Task Headers_that_break_the_rules_are_refused(string header)
    {
        var answer = await RawAsync($"POST /api/devices HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (400|401|411|501) ", answer);
        Assert.DoesNotContain("500", answer.Split('\r')[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_good_request_id_is_kept_and_several_count_as_none()
    {
        using var kept = await SendAsync(
            Platform.Gateway, HttpMethod.Get, "/api/devices", headers: ("X-Request-ID", "my.request_1-A"));
        Assert.Equal("my.request_1-A", kept.Headers.GetValues("X-Request-ID").Single());
        var answer = await RawAsync(
            "GET /api/devices HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: a\r\nX-Request-ID: b\r\n\r\n");
        Assert.Matches("(?mi)^X-Request-ID: [0-9a-f]{32}\r$", answer);
    }

    [Fact]
    public async Task Large_headers_are_refused()
    {
        var answer = await RawAsync(
            $"GET /api/devices HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Large: {new string('x', 40_000)}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_with_control_characters_are_refused()
    {
        await using var user = await Platform.NewUserAsync();
        string[] names =
        [
            "line\nbroken", "line\r\nuser-service         | 00:00:00.000 info Forged line", "nul\0inside",
                "escape\u001b[31mred", "next\u0085line", "   ", "",
        ];
        await Facts.UnchangedAsync(Platform, async () =>
        {
            foreach (var name in names)
                Refusal.AssertNone([
                    await Refusal.WrongAsync($"a phone named {name}", await user.CreateAsync(name), 400),
                    await Refusal.WrongAsync(
                        $"a user named {name}", await user.Http.PostAsJsonAsync("/api/auth/register",
                        new { username = $"a user{name}", email = "a@example.com", password = "seven green lanterns" }),
                            400),
                    await Refusal.WrongAsync($"a login of {name}", await user.Http.PostAsJsonAsync("/api/auth/login",
                        new { username = $"\0{name}", password = "seven green lanterns" }), 400),
                ]);
        });
    }

    [Fact]
    public async Task Odd_names_come_back_as_they_were_and_break_nothing()
    {
        await using var user = await Platform.NewUserAsync();
        await using var admin = await AdminAsync();
        await admin.Http.PutAsJsonAsync(
            $"/api/quotas/user/{user.Id}", new { maxDevices = 20, totalCpuCores = 40, totalMemoryGB = 40 });
        string[] names =
        [
            "Robert'); DROP TABLE devices;--", "\"quoted\" 'and' `ticked`", "<script>alert(1)</script>",
                "{0} {Name} %s %n ${x}", "\u624b\u673a \U0001F4F1\U0001F468\u200D\U0001F469",
            "back\\slash /slash", "line\u2028separator", "=1+1", "a\u0301 \u202eright to left",
        ];
        var ids = new List<(Guid Id, string Name)>();
        foreach (var name in names)
        {
            var created = await user.CreateAsync(name);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            ids.Add(((await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("device").GetProperty("id")
                .GetGuid(), name));
        }
        foreach (var (id, name) in ids)
        {
            Assert.Equal(name, (await user.GetAsync($"/api/devices/{id}")).GetProperty("name").GetString());
            await user.UntilStatusAsync(id, "running");
        }
        foreach (var (id, name) in ids)
            await Wait.UntilAsync(
                $"the notification of {name}", async () => (await user.ListAsync("/api/notifications"))
                .Any(n => n.GetProperty("type").GetString() == "device.started"
                    && n.GetProperty("message").GetString()!.Contains(name, StringComparison.Ordinal)));
        foreach (var (id, _) in ids)
            Assert.Equal(HttpStatusCode.NoContent, (await user.Http.DeleteAsync($"/api/devices/{id}")).StatusCode);
        await Wait.UntilAsync("the quota to be free", async () => (await user.QuotaUsageAsync())
            .GetProperty("currentDevices").GetInt32() == 0);
    }

    [Fact]
    public async Task Nothing_from_outside_begins_a_line_in_the_log()
    {
        var mark = $"m{Guid.NewGuid():N}";
        var token = Tokens.User(Guid.CreateVersion7(), [Roles.User]);
        foreach (var path in new[] { $"/api/devices/{mark}%0aforged", $"/api/devices/{mark}%0d%0aforged",
            $"/api/nothing/{mark}%1b[31m", $"/api/devices?q={mark}%0aforged", $"/api/devices/{mark}%E2%80%A8forged" })
            (await SendAsync(Platform.Gateway, HttpMethod.Get, path, token)).Dispose();
        (await SendAsync(Platform.Gateway, HttpMethod.Post, "/api/auth/login", null,
            Json($"{{\"username\":\"{mark}\\nforged\",\"password\":\"{mark}\\nforged\"}}"))).Dispose();
        (await SendAsync(Platform.AddressOf("device-service"), HttpMethod.Get, $"/api/devices/{mark}%0aforged", token))
            .Dispose();
        await Wait.UntilAsync("the requests in the log", () => Platform.Log.Contains(mark, StringComparison.Ordinal));
        var lines = Platform.Log.Split('\n');
        Assert.DoesNotContain(lines, l => l.StartsWith("forged", StringComparison.Ordinal));
        Assert.All(
            lines.Where(l => l.Contains(mark, StringComparison.Ordinal)), l => Assert.Matches(LineOfAService(), l));
        Assert.DoesNotContain(Platform.Log, c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));
    }

    async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Platform.Gateway.Host, Platform.Gateway.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }
}
