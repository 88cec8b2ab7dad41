using System.Globalization;
using CloudPhone.Apps.Tests;
using CloudPhone.Testing;

namespace CloudPhone.PhoneSimulator.Tests.Adb;

/// <summary>What people who know other phones type first: processes, memory, disk, and what apps may do.</summary>
public sealed class StrangerTests : IAsyncLifetime
{
    const string App = "com.example.app", Camera = "android.permission.CAMERA", Logs = "android.permission.READ_LOGS";
    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-apks-").FullName;
    SimulatedPhone _phone = null!;
    AdbClient _adb = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(AdbClient.Missing is not null, AdbClient.Missing ?? "");
        _phone = await SimulatedPhone.StartAsync();
        _adb = await _phone.ConnectAdbAsync();
    }

    async Task<string> SayAsync(string line, int code = 0)
    {
        var result = await _adb.CallAsync("shell", line);
        Assert.True(result.Code == code, $"{line}: {result.Code} {result.Text} {result.Error}");
        return result.Text + result.Error;
    }

    async Task InstallAsync(uint code = 1, params string[] permissions)
    {
        var file = Path.Combine(_folder, "app.apk");
        await File.WriteAllBytesAsync(file, TestApk.Of(App, code, permissions: permissions));
        Assert.Equal(0, (await _adb.CallAsync("install", file)).Code);
    }

    static string[][] Words(string text) => [.. text.Split('\n').Select(
        l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>Null where it does not run.</summary>
    async Task<string?> PidAsync(string name) =>
        Words(await SayAsync("ps -A")).SingleOrDefault(w => w[^1] == name)?[1];

    [Fact]
    public async Task Processes_are_those_of_the_phone_and_the_app_that_is_open()
    {
        await InstallAsync();
        var lines = (await SayAsync("ps -A")).Split('\n');
        Assert.Equal("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME", lines[0]);
        Assert.Equal("1", await PidAsync("init"));
        Assert.NotNull(await PidAsync("system_server"));
        Assert.All(Words(string.Join('\n', lines[1..])), w => Assert.Equal(9, w.Length));
        // its memory is what the host counts for it
        Assert.InRange(long.Parse(Words(lines[1])[0][4], CultureInfo.InvariantCulture), 10_000, 500_000);
        Assert.Null(await PidAsync(App));
        await SayAsync($"am start -n {App}/.Main");
        var pid = await PidAsync(App);
        Assert.NotNull(pid);
        Assert.Equal(pid, await PidAsync(App));
        await SayAsync($"am force-stop {App}");
        Assert.Null(await PidAsync(App));
        await SayAsync($"monkey -p {App} 1");
        Assert.NotEqual(pid, await PidAsync(App));
        Assert.Equal(["NAME", "sh", "ps"], (await SayAsync("ps -o NAME")).Split('\n'));
        Assert.Equal("PID NAME\n1 init", string.Join('\n', Words(await SayAsync("ps -o PID,NAME -p 1"))
            .Select(w => string.Join(' ', w))));
        Assert.Contains("STIME", await SayAsync("ps -ef"), StringComparison.Ordinal);
        Assert.Contains("Unknown option", await SayAsync("ps --bad", 1), StringComparison.Ordinal);
        Assert.Contains("bad -o 'X'", await SayAsync("ps -o X", 1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("top -n 1 -b")]
    [InlineData("top -b -n1")]
    [InlineData("top -bn 1")]
    public async Task Top_prints_once_and_ends(string line)
    {
        var lines = (await SayAsync(line)).Split('\n');
        Assert.Matches(@"^Tasks: \d+ total,   1 running, +\d+ sleeping,   0 stopped,   0 zombie$", lines[0]);
        Assert.Matches(@"^  Mem: +\d+K total, +\d+K used, +\d+K free, +\d+K buffers$", lines[1]);
        Assert.Matches(@"^ Swap: +\d+K total, +\d+K used, +\d+K free, +\d+K cached$", lines[2]);
        Assert.Matches(@"^\d+%cpu +\d+%user +0%nice +\d+%sys +\d+%idle +0%iow +0%irq +0%sirq +0%host$", lines[3]);
        Assert.Equal("  PID USER         PR  NI VIRT  RES  SHR S[%CPU] %MEM     TIME+ ARGS", lines[4]);
        Assert.EndsWith("system_server", lines[5], StringComparison.Ordinal); // which does the work
        Assert.All(Words(string.Join('\n', lines[5..])), w => Assert.Equal(12, w.Length));
        Assert.Equal(7, (await SayAsync(line + " -m 2")).Split('\n').Length);
        Assert.Contains("bad -n 'x'", await SayAsync("top -n x", 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_are_for_people_where_they_are_asked_for()
    {
        await SayAsync("echo x > /sdcard/x");
        var line = (await SayAsync("df -h")).Split('\n');
        Assert.Equal("Filesystem      Size  Used Avail Use% Mounted on", line[0]);
        var words = Words(line[1])[0];
        Assert.Equal(("4.0G", "4.0G", "1%", "/data"), (words[1], words[3], words[4], words[5]));
        Assert.Matches(@"^\d+K$", words[2]);
        Assert.Equal($"{4L << 20}", Words((await SayAsync("df")).Split('\n')[1])[0][1]);
    }

    [Fact]
    public async Task Memory_is_shared_by_what_runs_and_sums_up_to_what_the_phone_takes()
    {
        await InstallAsync();
        Assert.Equal($"No process found for: {App}", await SayAsync($"dumpsys meminfo {App}"));
        await SayAsync($"am start {App}/.Main");
        var own = await SayAsync($"dumpsys meminfo {App}");
        Assert.Contains($"** MEMINFO in pid {await PidAsync(App)} [{App}] **", own, StringComparison.Ordinal);
        var total = Words(own).Single(w => w is ["TOTAL", "PSS:", ..]);
        var (pss, rss) = (long.Parse(total[2], CultureInfo.InvariantCulture),
            long.Parse(total[5], CultureInfo.InvariantCulture));
        Assert.InRange(rss, 10_000, 500_000);
        // init, adbd, the system, its launcher, the app and the shell
        Assert.InRange(pss * 6, rss - 5_000, rss + 5_000);
        var all = await SayAsync("dumpsys meminfo");
        Assert.Contains("Total PSS by process:", all, StringComparison.Ordinal);
        Assert.Matches(@"[\d,]+K: system \(pid \d+\)", all);
        Assert.Matches(@"Total RAM: [\d,]+K \(status normal\)", all);
    }

    [Fact]
    public async Task Permissions_are_granted_and_revoked_shown_and_kept()
    {
        await InstallAsync(1, Camera, Logs, "android.permission.INTERNET");
        Assert.Contains($"        {Camera}: granted=false", await DumpAsync(), StringComparison.Ordinal);
        Assert.Contains("      android.permission.INTERNET: granted=true", await DumpAsync(), StringComparison.Ordinal);
        foreach (var permission in new[] { Camera, Logs })
            Assert.Equal("", await SayAsync($"pm grant {App} {permission}"));
        await InstallAsync(2, Camera, Logs); // an update keeps them, and so does a restart
        await _phone.RestartAsync();
        await _adb.ConnectAsync(_phone.AdbPort);
        Assert.Contains($"        {Camera}: granted=true", await DumpAsync(), StringComparison.Ordinal);
        Assert.Contains($"      {Logs}: granted=true", await DumpAsync(), StringComparison.Ordinal);
        await SayAsync($"am start {App}/.Main; pm revoke --user 0 {App} {Camera}");
        Assert.Contains($"        {Camera}: granted=false", await DumpAsync(), StringComparison.Ordinal);
        Assert.Null(await PidAsync(App)); // as Android ends an app that loses one
    }

    Task<string> DumpAsync() => SayAsync($"dumpsys package {App}");

    [Fact]
    public async Task What_can_not_be_granted_is_said_as_Android_says_it()
    {
        await InstallAsync(1, "android.permission.INTERNET");
        foreach (var verb in new[] { "grant", "revoke" })
        {
            foreach (var (permission, why) in new[]
            {
                ("x.Y", "java.lang.IllegalArgumentException: Unknown permission: x.Y"),
                (Camera, $"java.lang.SecurityException: Package {App} has not requested permission {Camera}"),
                ("android.permission.INTERNET", "java.lang.SecurityException: Permission android.permission.INTERNET "
                    + $"requested by {App} is not a changeable permission type"),
            })
                Assert.Contains($"Exception occurred while executing '{verb}':\n{why}",
                    await SayAsync($"pm {verb} {App} {permission}", 255), StringComparison.Ordinal);
            Assert.Equal("Error: no package specified", await SayAsync($"pm {verb}", 1));
            Assert.Equal("Error: no permission specified", await SayAsync($"pm {verb} {App}", 1));
            Assert.Equal("", await SayAsync($"logcat -c; pm {verb} no.such {Camera}"));
            Assert.Contains("Unknown package: no.such", await SayAsync("logcat -d"), StringComparison.Ordinal);
        }
        Assert.Equal("Unable to find package: no.such", await SayAsync("dumpsys package no.such"));
    }

    [Fact]
    public async Task An_app_that_is_cleared_is_as_it_was_when_it_was_installed()
    {
        await InstallAsync(1, Camera);
        await SayAsync($"pm grant {App} {Camera}; am start {App}/.Main; mkdir -p /sdcard/Android/data/{App}");
        await SayAsync($"echo x > /sdcard/Android/data/{App}/x; echo x > /sdcard/kept");
        Assert.Equal("Success", await SayAsync($"pm clear {App}"));
        Assert.Null(await PidAsync(App));
        Assert.Contains($"{Camera}: granted=false", await DumpAsync(), StringComparison.Ordinal);
        Assert.Equal("kept", await SayAsync("ls /sdcard/Android/data; ls /sdcard | grep kept"));
        Assert.Equal($"package:{App}", await SayAsync("pm list packages"));
        Assert.Equal("Failed", await SayAsync("pm clear no.such", 1));
        Assert.Equal("Error: no package specified", await SayAsync("pm clear", 1));
    }

    public async ValueTask DisposeAsync()
    {
        if (_adb is not null)
            await _adb.DisposeAsync();
        if (_phone is not null)
            await _phone.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
