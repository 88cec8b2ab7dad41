using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>What a user does within a phone, through the gateway.</summary>
[Collection(nameof(SharedPlatform))]
public sealed class UsePhoneTests(PlatformFixture fixture)
{
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
            Assert.Equal(HttpStatusCode.Conflict, opened.StatusCode); // real configurations have none unless they say so
            return;
        }
        var tunnel = await opened.Content.ReadFromJsonAsync<JsonElement>();
        await adb.ConnectAsync(tunnel.GetProperty("port").GetInt32());
        Assert.Equal($"{id:N}", (await adb.CallAsync("shell", "getprop", "ro.serialno")).Text);
        (await user.Http.DeleteAsync($"/api/devices/{id}/adb/{tunnel.GetProperty("id").GetGuid()}"))
            .EnsureSuccessStatusCode();
        await Wait.UntilAsync("adb to lose it", async () =>
            !(await adb.RunAsync("devices")).Text.Contains("\tdevice", StringComparison.Ordinal));
        (await user.Http.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
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
        using var shell = await user.Http.PostAsJsonAsync($"{phone}/shell", new { command = "wm", args = new[] { "size" } });
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
