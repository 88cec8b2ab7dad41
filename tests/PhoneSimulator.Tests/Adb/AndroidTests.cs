using System.Buffers.Binary;
using System.IO.Compression;
using CloudPhone.Apps.Tests;
using CloudPhone.Testing;

namespace CloudPhone.PhoneSimulator.Tests.Adb;

/// <summary>Apps and screen, as Debian's own client reaches them.</summary>
public sealed class AndroidTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-apks-").FullName;

    public AndroidTests() => Assert.SkipWhen(AdbClient.Missing is not null, AdbClient.Missing ?? "");

    async Task<string> ApkAsync(string package, uint code)
    {
        var file = Path.Combine(_folder, $"{package}-{code}.apk");
        await File.WriteAllBytesAsync(file, TestApk.Of(package, code));
        return file;
    }

    [Theory]
    [InlineData("--streaming")]
    [InlineData("--no-streaming")]
    public async Task Apps_are_installed_updated_listed_and_removed_and_survive_a_kill(string how)
    {
        await using var phone = await SimulatedPhone.StartAsync();
        await using var adb = await phone.ConnectAdbAsync();
        foreach (var code in new[] { 1u, 2u })
        {
            var installed = await adb.CallAsync("install", how, "-r", await ApkAsync("com.example.app", code));
            Assert.True(installed.Code == 0, installed.Text + installed.Error);
            Assert.Contains("Success", installed.Text, StringComparison.Ordinal);
        }
        await phone.RestartAsync();
        await adb.ConnectAsync(phone.AdbPort);
        Assert.Equal("package:com.example.app versionCode:2",
            (await adb.CallAsync("shell", "pm list packages --show-versioncode")).Text);
        Assert.Contains("versionName=2.0", (await adb.CallAsync("shell", "dumpsys package com.example.app")).Text,
            StringComparison.Ordinal);
        Assert.Equal("package:com.example.app", (await adb.CallAsync("shell", "pm list packages")).Text);
        var older = await adb.CallAsync("install", how, await ApkAsync("com.example.app", 1));
        Assert.Contains("INSTALL_FAILED_VERSION_DOWNGRADE", older.Text + older.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, older.Code);
        Assert.Equal("Success", (await adb.CallAsync("uninstall", "com.example.app")).Text);
        Assert.NotEqual(0, (await adb.CallAsync("uninstall", "com.example.app")).Code);
        Assert.Equal("", (await adb.CallAsync("shell", "pm list packages")).Text);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(phone.Folder, "unfinished")));
        Assert.Equal("", (await adb.CallAsync("shell", "ls -a /data/local/tmp")).Text);
    }

    [Fact]
    public async Task What_is_no_APK_is_refused_and_nothing_is_installed_before_the_boot_is_over()
    {
        await using var phone = await SimulatedPhone.StartAsync(boot: "600");
        await using var adb = await phone.ConnectAdbAsync();
        var early = await adb.CallAsync("install", await ApkAsync("com.example.app", 1));
        Assert.Contains("Can't find service: package", early.Text + early.Error, StringComparison.Ordinal);
        await phone.RestartAsync();
        await adb.ConnectAsync(phone.AdbPort);
        var broken = Path.Combine(_folder, "broken.apk");
        await File.WriteAllTextAsync(broken, "no APK");
        var refused = await adb.CallAsync("install", broken);
        Assert.Contains("INSTALL_PARSE_FAILED_NOT_APK", refused.Text + refused.Error, StringComparison.Ordinal);
        Assert.Equal("", (await adb.CallAsync("shell", "pm list packages")).Text);
    }

    [Fact]
    public async Task The_screen_is_a_PNG_of_its_size_that_shows_what_is_done()
    {
        await using var phone = await SimulatedPhone.StartAsync();
        await using var adb = await phone.ConnectAdbAsync();
        Assert.Equal("Physical size: 720x1280", (await adb.CallAsync("shell", "wm size")).Text);
        var home = Pixels(await ShotAsync(adb), 720, 1280);
        Assert.Equal(0, (await adb.CallAsync("install", await ApkAsync("com.example.app", 1))).Code);
        var withIcon = Pixels(await ShotAsync(adb), 720, 1280);
        Assert.NotEqual(home, withIcon);
        Assert.Contains("com.android.launcher", await FocusAsync(adb), StringComparison.Ordinal);
        await adb.CallAsync("shell", "input tap 90 150"); // the icon
        Assert.Contains("com.example.app/", await FocusAsync(adb), StringComparison.Ordinal);
        var app = Pixels(await ShotAsync(adb), 720, 1280);
        await adb.CallAsync("shell", "input text hello");
        Assert.NotEqual(app, Pixels(await ShotAsync(adb), 720, 1280));
        await adb.CallAsync("shell", "input swipe 10 200 300 400; input keyevent KEYCODE_HOME");
        Assert.Contains("com.android.launcher", await FocusAsync(adb), StringComparison.Ordinal);
        Assert.Equal(0, (await adb.CallAsync("shell", "am start -n com.example.app/.Main")).Code);
        Assert.Contains("com.example.app/", await FocusAsync(adb), StringComparison.Ordinal);
        Assert.Equal(1, (await adb.CallAsync("shell", "am start -n com.example.missing/.Main")).Code);
        Assert.NotEqual(0, (await adb.CallAsync("shell", "input tap here")).Code);
        Assert.Contains("level: 100", (await adb.CallAsync("shell", "dumpsys battery")).Text, StringComparison.Ordinal);
        Assert.Contains("installed com.example.app 1.0", (await adb.CallAsync("logcat", "-d")).Text,
            StringComparison.Ordinal);
        await adb.CallAsync("shell", "screencap -p /sdcard/shot.png");
        Assert.Equal(0, (await adb.CallAsync("pull", "/sdcard/shot.png", Path.Combine(_folder, "shot.png"))).Code);
        Pixels(await File.ReadAllBytesAsync(Path.Combine(_folder, "shot.png")), 720, 1280);
    }

    static async Task<string> FocusAsync(AdbClient adb) =>
        (await adb.CallAsync("shell", "dumpsys window | grep mCurrentFocus")).Text;

    static async Task<byte[]> ShotAsync(AdbClient adb) =>
        (await adb.CallAsync("exec-out", "screencap -p")).Output;

    /// <summary>Reads it as far as it needs to be a PNG: every chunk's checksum, size, rows.</summary>
    static byte[] Pixels(byte[] png, int width, int height)
    {
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], png[..8]);
        using var data = new MemoryStream();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var body = png.AsSpan(at + 8, length);
            var crc = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length));
            Assert.Equal(crc, Crc(png.AsSpan(at + 4, length + 4)));
            if (png.AsSpan(at + 4, 4).SequenceEqual("IHDR"u8))
                Assert.Equal((width, height), (BinaryPrimitives.ReadInt32BigEndian(body),
                    BinaryPrimitives.ReadInt32BigEndian(body[4..])));
            if (png.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
                data.Write(body);
            at += length + 12;
        }
        data.Position = 0;
        using var zip = new ZLibStream(data, CompressionMode.Decompress);
        using var pixels = new MemoryStream();
        zip.CopyTo(pixels);
        Assert.Equal((width + 1) * height, pixels.Length);
        return pixels.ToArray();
    }

    /// <summary>Bit by bit, as its definition says.</summary>
    static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
        }
        return ~crc;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
