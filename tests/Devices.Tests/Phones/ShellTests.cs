using System.Net;
using System.Net.Http.Json;
using CloudPhone.Devices.Phones.Shell;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Devices.Tests.Phones;

public sealed class ShellTests(PhoneFixture phone) : IClassFixture<PhoneFixture>
{
    [Theory]
    [InlineData("CloudPhone Simulator\n", "getprop", "ro.product.model")]
    [InlineData("\n", "getprop", "no.such.property")]
    [InlineData("", "pm", "list", "packages")]
    [InlineData("", "pm", "list", "packages", "-3")]
    [InlineData("Physical size: 720x1280\n", "wm", "size")]
    [InlineData("uid=2000(shell) gid=2000(shell) groups=2000(shell)\n", "id")]
    [InlineData("Service package: found\n", "service", "check", "package")]
    public async Task What_is_allowed_is_run_and_reading_leaves_no_trace(
        string output, string command, params string[] args)
    {
        var before = (await phone.ActsAsync()).Count;
        using var answer = await phone.PostAsync("shell", new { command, args });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(new(0, output, "", false), await answer.Content.ReadFromJsonAsync<ShellAnswer>());
        Assert.Equal(before, (await phone.ActsAsync()).Count);
    }

    [Fact]
    public async Task What_fails_says_so_and_what_changes_something_is_in_the_history()
    {
        using var answer = await phone.PostAsync(
            "shell", new { command = "am", args = new[] { "start", "-n", "org.example.none/.Main" } });
        var result = await answer.Content.ReadFromJsonAsync<ShellAnswer>();
        Assert.Equal(1, result!.ExitCode);
        Assert.Contains("does not exist", result.Stderr, StringComparison.Ordinal);
        var act = (await phone.ActsAsync())[0];
        Assert.Equal(("shell", "am start -n org.example.none/.Main", phone.Platform.User, act.From),
            (act.Act, act.Reason, act.ActorId, act.To));
    }

    public static TheoryData<string, string[]> Refused => new()
    {
        { "sh", ["-c", "id"] }, { "reboot", [] }, { "su", [] }, { "setprop", ["persist.x", "1"] }, { "ls", ["/"] },
        { "cat", ["/data/local/tmp/a"] }, { "id;reboot", [] }, { "id\nreboot", [] }, { "$(reboot)", [] }, { " id", [] },
        { "/system/bin/id", [] }, { "id", ["-u"] }, { "ID", [] }, { "getprop {property}", [] },
        { "getprop", ["a;reboot"] }, { "getprop", ["-T"] }, { "getprop", ["a b"] }, { "getprop", ["a\n"] },
        { "getprop", ["'"] }, { "getprop", ["a", "b"] }, { "getprop", ["{property}"] }, { "getprop", [""] },
        { "getprop", ["a\0b"] }, { "getprop", ["é"] },
        { "pm", ["install", "/sdcard/a.apk"] }, { "pm", ["uninstall", "a.b"] }, { "pm", ["clear", "a.b;id"] },
        { "pm", ["clear", "--user", "0"] }, { "pm", ["path", "nodot"] }, { "pm", ["path", "a.b\n"] },
        { "pm", ["path", "../a.b"] }, { "pm", ["grant", "a.b", "android.permission.CAMERA | id"] },
        { "settings", ["put", "global", "adb_enabled", "0"] }, { "settings", ["get", "other", "a"] },
        { "dumpsys", ["activity"] }, { "dumpsys", ["package", "-h"] }, { "wm", ["size", "1x1"] },
        { "top", ["-b"] }, { "monkey", ["-p", "a.b", "1000000"] },
        { "am", ["start", "-n", "a.b/.C -d file:///data"] }, { "am", ["start", "-n", "a.b/.C;reboot"] },
        { "am", ["start", "-n", "a.b/../C"] }, { "am", ["start", "-n", "a.b"] }, { "am", ["start", "a.b/.C"] },
        { "am", ["start", "-n", "a.b/.C$(id)"] }, { "am", ["start", "-n", "a.b/.C`id`"] },
        { "am", ["start", "-n", "a.b/.C|id"] }, { "am", ["start", "-n", "a.b/.C&"] },
        { "am", ["start", "-n", "a.b/.C\n"] }, { "am", ["start", "-n", "a.b/.C\0"] },
        { "am", ["start", "-n", "a.b/.C'"] }, { "am", ["start", "-n", "a.b/.\u0421"] },
        { "am", ["start", "-n", "a.b/." + new string('C', 400)] },
        { "am", ["start", "--user", "0", "-n", "a.b/.C"] }, { "am", ["start", "--user", "all"] },
        { "am", ["start", "-n", "a.b/.C", "--grant-read-uri-permission"] },
        { "am", ["start", "intent:#Intent;component=a.b/.C;end"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "HTTPS://a.b"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "https://a.b\n"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "https://a" + new string('b', 2001)] },
        { "am", ["start", "-n", "-a/.C"] }, { "am", ["broadcast", "-a", "a.b.C"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "file:///data/system/x"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "content://settings/system"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "intent:#Intent;component=a.b/.C;end"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "javascript:alert(1)"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "http://a b"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "https://a\u2028b"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "https://"] },
        { "am", ["start", "-a", "android.intent.action.MASTER_CLEAR", "-d", "https://a.b"] },
        { "am", ["start", "-a", "android.intent.action.VIEW", "-d", "https://a.b", "-n", "a.b/.C"] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_is_not_in_the_table_is_refused_for_operators_too(string command, string[] args)
    {
        var before = (await phone.ActsAsync()).Count;
        using var op = phone.Platform.Service.As(Guid.CreateVersion7(), Roles.Operator);
        foreach (var client in new[] { phone.Client, op })
        {
            using var answer = await client.PostAsJsonAsync(phone.At("shell"), new { command, args });
            await Expect.ProblemAsync(answer, 403, "command-not-allowed");
        }
        Assert.Equal(before, (await phone.ActsAsync()).Count);
    }

    [Fact]
    public async Task What_is_within_quotes_stays_there()
    {
        const string url = "https://a.b/?q='$(reboot)';reboot|id&x=`id`\\\"";
        using var answer = await phone.PostAsync("shell",
            new { command = "am", args = new[] { "start", "-a", "android.intent.action.VIEW", "-d", url } });
        // the simulator opens no pages; it was one command with one word, and the phone did not boot anew
        Assert.Equal(1, (await answer.Content.ReadFromJsonAsync<ShellAnswer>())!.ExitCode);
        Assert.Equal("1\n", await phone.DoAsync("getprop sys.boot_completed"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"command":""}""")]
    [InlineData("""{"command":"id","args":[null]}""")]
    [InlineData("""{"command":"id","args":"x"}""")]
    public async Task A_wrong_body_is_refused(string body)
    {
        using var answer = await phone.Client.PostAsync(
            phone.At("shell"), new StringContent(body, null, "application/json"));
        await Expect.ProblemAsync(answer, 400, "bad-request");
    }

    [Fact]
    public async Task What_is_too_long_is_refused()
    {
        foreach (var body in new object[]
        {
            new { command = new string('x', 65) }, new { command = "getprop", args = new[] { new string('x', 2049) } },
            new { command = "getprop", args = Enumerable.Repeat("x", 17) },
        })
            await Expect.ProblemAsync(await phone.PostAsync("shell", body), 400, "bad-request");
    }
}
