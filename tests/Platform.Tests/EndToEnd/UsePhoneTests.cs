using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>What a user does within a phone, through the gateway.</summary>
[Collection(nameof(SharedPlatform))]
public sealed class UsePhoneTests(PlatformFixture fixture)
{
    const string Sample = "com.cloudphone.sample";

    [Fact]
    public async Task Debians_adb_reaches_a_phone_through_a_tunnel()
    {
        Assert.SkipWhen(AdbClient.Missing is not null, AdbClient.Missing ?? "");
        await using var user = await fixture.Platform.NewUserAsync();
        var id = await user.CreateRunningAsync("by adb");
        await using var adb = await AdbClient.StartAsync();
        using var opened = await user.Http.PostAsJsonAsync(
            $"/api/devices/{id}/adb", new { publicKey = adb.PublicKey, minutes = 5 });
        if (fixture.Platform.Servers is not null)
        {
            // real configurations have none unless they say so
            Assert.Equal(HttpStatusCode.Conflict, opened.StatusCode);
            return;
        }
        var tunnel = await opened.Content.ReadFromJsonAsync<JsonElement>();
        await adb.ConnectAsync(tunnel.GetProperty("port").GetInt32());
        Assert.Equal($"{id:N}", (await adb.CallAsync("shell", "getprop", "ro.serialno")).Text);
        await Wait.UntilAsync("the pre-installed app", async () => (await user.ListAsync($"/api/devices/{id}/apps"))
            .Any(a => a.GetProperty("status").GetString() == "installed"));
        await UseAsync(adb, await PreinstalledAsync(user));
        await StaysInsideAsync(adb);
        (await user.Http.DeleteAsync($"/api/devices/{id}/adb/{tunnel.GetProperty("id").GetGuid()}"))
            .EnsureSuccessStatusCode();
        await Wait.UntilAsync("adb to lose it", async () =>
            !(await adb.RunAsync("devices")).Text.Contains("\tdevice", StringComparison.Ordinal));
        (await user.Http.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
    }

    /// <summary>As the catalogue gives it to everybody.</summary>
    static async Task<byte[]> PreinstalledAsync(PlatformUser user)
    {
        var id = (await user.ListAsync("/api/apps"))
            .Single(a => a.GetProperty("packageName").GetString() == Sample).GetProperty("id").GetGuid();
        var app = await user.GetAsync($"/api/apps/{id}");
        return await user.Http.GetByteArrayAsync(
            $"/api/apps/{id}/versions/{app.GetProperty("versions")[0].GetProperty("id").GetGuid()}/file");
    }

    /// <summary>What people do with a phone's adb.</summary>
    static async Task UseAsync(AdbClient adb, byte[] app)
    {
        var folder = Directory.CreateTempSubdirectory("cloudphone-tunnel-").FullName;
        try
        {
            var (source, back) = (Path.Combine(folder, "a"), Path.Combine(folder, "b"));
            var apk = Path.Combine(folder, "x.apk");
            var bytes = RandomNumberGenerator.GetBytes(3 << 20);
            await File.WriteAllBytesAsync(source, bytes);
            await SucceedsAsync(adb, "push", source, "/sdcard/Download/a b");
            await SucceedsAsync(adb, "pull", "/sdcard/Download/a b", back);
            Assert.Equal(bytes, await File.ReadAllBytesAsync(back));
            var result = await adb.CallAsync("shell", "echo out; echo wrong >&2; exit 7");
            Assert.Equal((7, "out", "wrong"), (result.Code, result.Text, result.Error));
            Assert.Contains("Success", (await SucceedsAsync(adb, "uninstall", Sample)).Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Sample, (await ListAsync(adb)).Text, StringComparison.Ordinal);
            await File.WriteAllBytesAsync(apk, app);
            Assert.Contains("Success", (await SucceedsAsync(adb, "install", apk)).Text, StringComparison.Ordinal);
            Assert.Contains(Sample, (await ListAsync(adb)).Text, StringComparison.Ordinal);
            var png = (await SucceedsAsync(adb, "exec-out", "screencap", "-p")).Output;
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], png.Take(8));
            Assert.Equal("IEND"u8.ToArray(), png[^8..^4]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Whose key opens the tunnel is master of the phone, and of nothing else on its host.</summary>
    static async Task StaysInsideAsync(AdbClient adb)
    {
        var file = Path.GetTempFileName();
        try
        {
            foreach (var path in new[] { "/../../../../../../etc/passwd", "/sdcard/../../phone.json",
                "/data/local/tmp/../../../../run.json", "/proc/self/environ", "/etc/passwd" })
            {
                Assert.NotEqual(0, (await adb.CallAsync("pull", path, file)).Code);
                Assert.NotEqual(0, (await adb.CallAsync("shell", $"cat {path}")).Code);
                Assert.NotEqual(0, (await adb.CallAsync("push", file, path)).Code);
            }
            Assert.NotEqual(0, (await adb.CallAsync("shell", "ln -s / /sdcard/root")).Code);
            Assert.NotEqual(0, (await adb.CallAsync("shell", "cat /sdcard/root/etc/passwd")).Code);
            foreach (var line in new[]
            {
                "echo $(id)", "echo `id`", "sh -c id", "su -c id", "/bin/sh -c id", "/usr/bin/id",
            })
                Assert.DoesNotContain("uid=0", (await adb.CallAsync("shell", line)).Text, StringComparison.Ordinal);
            foreach (var address in new[] { "tcp:22", "localfilesystem:/run/docker.sock", "jdwp:1" })
            {
                var port = $"{FreePort.Next()}";
                await adb.CallAsync("forward", $"tcp:{port}", address);
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
                Assert.Equal(0, await ReadAsync(client)); // it is refused, and closed
            }
            Assert.Equal(0, new FileInfo(file).Length);
        }
        finally
        {
            File.Delete(file);
        }
    }

    static async Task<int> ReadAsync(TcpClient client)
    {
        try
        {
            return await client.GetStream().ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0; // by a reset
        }
    }

    static Task<AdbResult> ListAsync(AdbClient adb) => SucceedsAsync(adb, "shell", "pm list packages");

    static async Task<AdbResult> SucceedsAsync(AdbClient adb, params string[] args)
    {
        var result = await adb.CallAsync(args);
        Assert.True(result.Code == 0, $"adb {string.Join(' ', args)}: {result.Text} {result.Error}");
        return result;
    }

    [Fact]
    public async Task A_phone_is_seen_touched_asked_and_filled_with_files()
    {
        await using var user = await fixture.Platform.NewUserAsync();
        var id = await user.CreateRunningAsync("in use");
        var phone = $"/api/devices/{id}";
        var png = await user.Http.GetByteArrayAsync($"{phone}/screenshot");
        Assert.Equal((byte)'P', png[1]);
        using var tap = await user.Http.PostAsJsonAsync($"{phone}/input", new { type = "tap", x = 600, y = 1100 });
        Assert.Equal(HttpStatusCode.NoContent, tap.StatusCode);
        Assert.NotEqual(png, await user.Http.GetByteArrayAsync($"{phone}/screenshot"));
        using var shell = await user.Http.PostAsJsonAsync(
            $"{phone}/shell", new { command = "wm", args = new[] { "size" } });
        Assert.Equal("Physical size: 720x1280\n",
            (await shell.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("stdout").GetString());
        await Wait.UntilAsync("the pre-installed app in the log", async () =>
            (await user.Http.GetStringAsync($"{phone}/logs")).Contains("installed", StringComparison.Ordinal));

        var bytes = new byte[20 << 20];
        new Random(3).NextBytes(bytes);
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/octet-stream");
        using var put = await user.Http.PutAsync($"{phone}/files?path=/sdcard/large", content);
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        Assert.Equal(bytes, await user.Http.GetByteArrayAsync($"{phone}/files/content?path=/sdcard/large"));
        using var gone = await user.Http.DeleteAsync($"{phone}/files?path=/sdcard/large");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        var acts = (await user.ListAsync($"{phone}/history")).Select(h => h.GetProperty("act").GetString());
        Assert.Equal(["file-deleted", "file-written", "input"], acts.Take(3));
        (await user.Http.DeleteAsync(phone)).EnsureSuccessStatusCode();
    }
}
