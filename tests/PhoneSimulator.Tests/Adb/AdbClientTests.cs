using System.Security.Cryptography;
using CloudPhone.Testing;

namespace CloudPhone.PhoneSimulator.Tests.Adb;

/// <summary>The phone as Debian's own client sees it.</summary>
public sealed class AdbClientTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-files-").FullName;

    public AdbClientTests() => Assert.SkipWhen(AdbClient.Missing is not null, AdbClient.Missing ?? "");

    [Fact]
    public async Task It_is_a_device_with_a_shell_that_has_exit_codes_and_errors_of_their_own()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        await using var adb = await phone.ConnectAdbAsync();
        Assert.Contains("model:CloudPhone_Simulator", (await adb.RunAsync("devices", "-l")).Text,
            StringComparison.Ordinal);
        var result = await adb.CallAsync("shell", "echo out; echo wrong >&2; exit 7");
        Assert.Equal((7, "out", "wrong"), (result.Code, result.Text, result.Error));
        Assert.Equal("1", (await adb.CallAsync("shell", "getprop sys.boot_completed")).Text);
        Assert.Equal(127, (await adb.CallAsync("shell", "nothing")).Code);
        Assert.Equal("a", (await adb.CallAsync("exec-out", "echo a")).Text);
        Assert.Contains("cannot run as root", (await adb.CallAsync("root")).Text, StringComparison.Ordinal);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
            Assert.Equal($"{i}", (await adb.CallAsync("shell", $"sleep 0.1; echo {i}")).Text)));
    }

    [Fact]
    public async Task Files_go_in_and_come_out_byte_for_byte_and_survive_a_kill()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        var (source, back) = (Path.Combine(_folder, "source"), Path.Combine(_folder, "back"));
        var bytes = RandomNumberGenerator.GetBytes(20_000_000);
        await File.WriteAllBytesAsync(source, bytes);
        await using (var adb = await phone.ConnectAdbAsync())
        {
            Assert.Equal(0, (await adb.CallAsync("push", source, "/sdcard/Download/big file")).Code);
        }
        await phone.RestartAsync();
        await using var again = await phone.ConnectAdbAsync();
        Assert.Equal(0, (await again.CallAsync("pull", "/storage/emulated/0/Download/big file", back)).Code);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(back));
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(bytes)),
            (await again.CallAsync("shell", "sha256sum '/sdcard/Download/big file'")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_go_in_and_come_out_whole()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        await using var adb = await phone.ConnectAdbAsync();
        var inner = Directory.CreateDirectory(Path.Combine(_folder, "tree", "inner"));
        await File.WriteAllTextAsync(Path.Combine(inner.FullName, "a"), "1");
        await File.WriteAllTextAsync(Path.Combine(_folder, "tree", "b"), "");
        Assert.Equal(0, (await adb.CallAsync("push", Path.Combine(_folder, "tree"), "/sdcard/")).Code);
        Assert.Equal("b\ninner", (await adb.CallAsync("shell", "ls /sdcard/tree")).Text);
        Assert.Equal(0, (await adb.CallAsync("pull", "/sdcard/tree", Path.Combine(_folder, "copy"))).Code);
        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine(_folder, "copy", "inner", "a")));
    }

    [Fact]
    public async Task What_would_leave_the_phone_is_refused()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        await using var adb = await phone.ConnectAdbAsync();
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "x");
        foreach (var path in new[] { "/sdcard/../../../../tmp/x", "/system/x", "/../phone.json", "/x" })
        {
            var pushed = await adb.CallAsync("push", file, path);
            Assert.NotEqual(0, pushed.Code);
            Assert.Contains("Permission denied", pushed.Text + pushed.Error, StringComparison.Ordinal);
        }
        foreach (var path in new[] { "/../../../../../../etc/passwd", "/../phone.json", "/sdcard/../../phone.json" })
        {
            Assert.NotEqual(0, (await adb.CallAsync("pull", path, file)).Code);
            Assert.NotEqual(0, (await adb.CallAsync("shell", $"cat {path}")).Code);
        }
        // nor does a link that somebody brought there
        File.CreateSymbolicLink(Path.Combine(phone.Folder, "disk", "sdcard", "link"), phone.Folder);
        Assert.NotEqual(0, (await adb.CallAsync("pull", "/sdcard/link/phone.json", file)).Code);
        Assert.NotEqual(0, (await adb.CallAsync("shell", "cat /sdcard/link/phone.json")).Code);
        Assert.DoesNotContain("link", (await adb.CallAsync("shell", "ls /sdcard")).Text, StringComparison.Ordinal);
        Assert.Equal("x", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task After_a_reboot_it_boots_again_with_what_persists()
    {
        await using var phone = await SimulatedPhone.StartAsync(boot: "2");
        await using var adb = await phone.ConnectAdbAsync();
        await adb.CallAsync("shell", "setprop persist.a 1; setprop debug.a 1; echo x > /sdcard/kept");
        await Wait.UntilAsync("boot", async () =>
            (await adb.CallAsync("shell", "getprop sys.boot_completed")).Text == "1");
        Assert.Equal(0, (await adb.CallAsync("reboot")).Code);
        await adb.ConnectAsync(phone.AdbPort);
        Assert.Equal("1", (await adb.CallAsync("shell", "getprop persist.a; getprop debug.a")).Text);
        await Wait.UntilAsync("boot", async () =>
            (await adb.CallAsync("shell", "getprop sys.boot_completed")).Text == "1");
        Assert.Equal("x", (await adb.CallAsync("shell", "cat /sdcard/kept")).Text);
        Assert.False(phone.Process.HasExited);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
