using System.Security.Cryptography;
using CloudPhone.Apps.Tests;
using CloudPhone.Adb.Shell;
using CloudPhone.Adb.Sync;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Adb.Tests;

/// <summary>The client against the phone that there is.</summary>
public sealed class AdbPhoneTests
{
    [Fact]
    public async Task A_shell_gives_output_errors_and_exit_code_apart_and_is_broken_off_where_it_says_too_much()
    {
        await using var phone = await RealPhone.StartAsync();
        var good = await phone.Adb.RunAsync("echo out; echo err >&2; exit 3", default);
        Assert.Equal((3, "out\n", "err\n"), (good.ExitCode, good.Text, good.ErrorText));
        var hostile = "a'b\"c $(reboot) `id` ; exit 9 \\ é";
        Assert.Equal($"{hostile}\n", (await phone.Adb.RunAsync($"echo {AdbShell.Quote(hostile)}", default)).Text);
        var much = await phone.Adb.RunAsync("echo 0123456789; sleep 600", default, maxOutput: 5);
        Assert.Equal((true, "01234"), (much.IsTruncated, much.Text));
        var e = await Assert.ThrowsAsync<AdbException>(() => phone.Adb.DoAsync("ls /missing", default));
        Assert.Equal(AdbFault.Refused, e.Fault);
        Assert.Contains("/missing", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, phone.Phones.Count);
    }

    [Fact]
    public async Task Files_go_up_and_down_in_pieces_and_what_can_not_be_kept_is_said()
    {
        await using var phone = await RealPhone.StartAsync();
        var bytes = new byte[(3 << 20) + 17];
        new Random(1).NextBytes(bytes);
        var time = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        await using (var sync = await AdbSync.OpenAsync(phone.Adb, default))
        {
            await sync.WriteAsync("/sdcard/a,b.bin", new MemoryStream(bytes), bytes.Length, time, default);
            var there = await sync.StatAsync("/sdcard/a,b.bin", default);
            Assert.Equal(("a,b.bin", bytes.Length, time, true),
                (there!.Name, there.Size, there.ModifiedAt, there.IsRegular));
            Assert.Null(await sync.StatAsync("/sdcard/missing", default));
            Assert.True((await sync.StatAsync("/sdcard", default))!.IsFolder);
            await sync.BeginReadAsync("/sdcard/a,b.bin", default);
            using var back = new MemoryStream();
            var buffer = new byte[100_000];
            for (int n; (n = await sync.ReadAsync(buffer, default)) > 0;)
                back.Write(buffer, 0, n);
            Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(back.ToArray()));
        }
        await using (var list = await AdbSync.OpenAsync(phone.Adb, default))
        {
            var names = new List<string>();
            await foreach (var file in list.ListAsync("/sdcard", default))
                names.Add(file.Name);
            Assert.Equal(["DCIM", "Download", "Pictures", "a,b.bin"], names.Order(StringComparer.Ordinal));
        }
        await using var refused = await AdbSync.OpenAsync(phone.Adb, default);
        var e = await Assert.ThrowsAsync<AdbException>(() =>
            refused.WriteAsync("/system/x", new MemoryStream(bytes), bytes.Length, time, default));
        Assert.Equal(AdbFault.Refused, e.Fault);
        await using var missing = await AdbSync.OpenAsync(phone.Adb, default);
        await missing.BeginReadAsync("/sdcard/missing", default);
        await Assert.ThrowsAsync<AdbException>(async () => await missing.ReadAsync(new byte[1], default));
    }

    [Fact]
    public async Task Apps_are_streamed_in_and_the_phone_says_why_it_wants_one_not()
    {
        await using var phone = await RealPhone.StartAsync();
        await InstallAsync(phone, TestApk.Of("org.example.app", 2));
        await InstallAsync(phone, TestApk.Of("org.example.app", 3));
        Assert.Equal([new("org.example.app", 3)], await phone.Adb.PackagesAsync(default));
        var bad = await Assert.ThrowsAsync<InstallRefusedException>(() => InstallAsync(phone, new byte[300_000]));
        Assert.True(bad.IsPermanent);
        Assert.Contains("INSTALL_PARSE_FAILED_NOT_APK", bad.Message, StringComparison.Ordinal);
        var other = TestApk.Of("org.example.other", 1);
        var wrong = await Assert.ThrowsAsync<InstallRefusedException>(() => phone.Adb.InstallAsync(
            new(new string('0', 64), other.Length), new MemoryStream(other), default));
        Assert.True(wrong.IsPermanent);
        await Assert.ThrowsAsync<EndOfStreamException>(() => phone.Adb.InstallAsync(
            new(new string('0', 64), other.Length + 1), new MemoryStream(other), default));
        Assert.Single(await phone.Adb.PackagesAsync(default));
    }

    [Fact]
    public async Task Before_the_boot_is_over_nothing_can_be_installed_yet()
    {
        await using var phone = await RealPhone.StartAsync(bootSeconds: 600);
        Assert.False(await phone.IsBootedAsync());
        var early = await Assert.ThrowsAsync<InstallRefusedException>(() => InstallAsync(phone, TestApk.Of()));
        Assert.False(early.IsPermanent);
        Assert.Contains("Can't find service: package", early.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_goes_and_one_that_is_gone_is_gone()
    {
        await using var phone = await RealPhone.StartAsync();
        await InstallAsync(phone, TestApk.Of("org.example.app"));
        await phone.Adb.UninstallAsync("org.example.app", default);
        await phone.Adb.UninstallAsync("org.example.app", default);
        Assert.Empty(await phone.Adb.PackagesAsync(default));
        Assert.True((await Assert.ThrowsAsync<InstallRefusedException>(() =>
            phone.Adb.UninstallAsync("org.example.app; reboot", default))).IsPermanent);
    }

    static Task InstallAsync(RealPhone phone, byte[] apk) => phone.Adb.InstallAsync(
        new(Convert.ToHexString(SHA256.HashData(apk)), apk.Length), new MemoryStream(apk), default);

    [Fact]
    public async Task A_phone_that_was_killed_is_connected_with_anew_and_one_that_is_off_is_not()
    {
        await using var phone = await RealPhone.StartAsync();
        Assert.True(await phone.IsBootedAsync());
        await using var stream = await phone.Adb.OpenAsync("shell,v2,raw:sleep 600", default);
        var waiting = AdbShell.ReadAsync(stream, 100, default);
        phone.Kill();
        Assert.Equal(AdbFault.Broken, (await Assert.ThrowsAsync<AdbException>(() => waiting)).Fault);
        await Assert.ThrowsAsync<AdbException>(phone.IsBootedAsync);
        await phone.SwitchOnAsync();
        Assert.True(await phone.IsBootedAsync());
        await phone.Adb.RebootAsync(default);
        await Wait.UntilAsync("the reboot", async () =>
        {
            try
            {
                return await phone.IsBootedAsync();
            }
            catch (AdbException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Many_use_one_connection_at_once()
    {
        await using var phone = await RealPhone.StartAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 100).Select(i =>
            phone.Adb.DoAsync($"echo {i}", default)));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}\n"), all);
        Assert.Equal(1, phone.Phones.Count);
    }

    [Fact]
    public async Task A_connection_that_nobody_needs_is_dropped_and_one_that_is_used_is_kept()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var phone = await RealPhone.StartAsync(clock: clock);
        await using (await phone.Adb.OpenAsync("shell,v2,raw:sleep 600", default))
        {
            for (var i = 0; i < 10; i++)
                clock.Advance(AdbPhones.IdleLimit / 4);
            Assert.Equal(1, phone.Phones.Count);
        }
        await Wait.UntilAsync("the end of the idle connection", () =>
        {
            clock.Advance(AdbPhones.IdleLimit / 4);
            return phone.Phones.Count == 0;
        });
        Assert.True(await phone.IsBootedAsync());
    }

    [Fact]
    public async Task A_dead_adbd_is_unreachable_and_there_again_when_it_is_back()
    {
        await using var phone = await RealPhone.StartAsync();
        await phone.FaultAsync("adb-dead");
        await Wait.UntilAsync("the connection to be gone", () => phone.Phones.Count == 0);
        Assert.Equal(AdbFault.Unreachable, (await Assert.ThrowsAsync<AdbException>(phone.IsBootedAsync)).Fault);
        await phone.FaultAsync("adb-dead", isOn: false);
        Assert.True(await phone.IsBootedAsync());
    }
}
