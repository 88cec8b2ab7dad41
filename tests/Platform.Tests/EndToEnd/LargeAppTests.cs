using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPhone.Platform.Tests.BadInput.Twice;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>A package of the largest size on all its ways, and what it costs in memory.</summary>
[Collection(nameof(SharedPlatform))]
public sealed class LargeAppTests(PlatformFixture fixture, ITestOutputHelper output)
{
    const long Growth = 150 << 20;

    [Fact]
    public async Task A_package_of_500_MB_goes_up_and_down_and_onto_a_phone_and_is_whole_in_nobodys_memory()
    {
        await using var admin = await fixture.Platform.AdminAsync();
        using var http = new HttpClient { BaseAddress = fixture.Platform.Gateway, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = admin.Http.DefaultRequestHeaders.Authorization;
        var apk = new LargeApk(await SampleCopy.OfAsync(admin, SampleCopy.NewPackage(), 1));
        var phone = await admin.CreateRunningAsync("large");
        var before = fixture.Platform.AllProcesses().ToDictionary(pid => pid, PeakMemory.Reset);

        using var form = new MultipartFormDataContent
        {
            { new StringContent("Large"), "name" }, { apk, "file", "large.apk" },
        };
        using var answer = await http.PostAsync("/api/apps", form);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{(int)answer.StatusCode} {text}");
        var app = JsonDocument.Parse(text).RootElement;
        var version = app.GetProperty("versions")[0];
        Assert.Equal(apk.Sha256, version.GetProperty("sha256").GetString());
        Assert.InRange(version.GetProperty("size").GetInt64(), 490L << 20, 500L << 20);

        var path = $"/api/apps/{app.GetProperty("id").GetGuid()}";
        await using (var back = await http.GetStreamAsync(
            $"{path}/versions/{version.GetProperty("id").GetGuid()}/file"))
            Assert.Equal(apk.Sha256, Convert.ToHexStringLower(await SHA256.HashDataAsync(back)));
        await InstallAsync(admin, phone, app.GetProperty("id").GetGuid());
        foreach (var (pid, reset) in before)
            if (PeakMemory.Of(pid) is { } peak)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{(peak - reset) >> 20,5} MiB more than {reset >> 20} in {Processes.CommandLine(pid)}"));
                Assert.InRange(peak - reset, long.MinValue, Growth);
            }
        (await http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
        (await http.DeleteAsync(path)).EnsureSuccessStatusCode();
    }

    /// <summary>The phone takes it only if its SHA-256 is right.</summary>
    static async Task InstallAsync(PlatformUser user, Guid phone, Guid app)
    {
        using var answer = await user.Http.PostAsJsonAsync($"/api/devices/{phone}/install", new { appId = app });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await Wait.UntilAsync("it to be on the phone", async () => (await user.ListAsync($"/api/devices/{phone}/apps"))
            .First(a => a.GetProperty("appId").GetGuid() == app).GetProperty("status").GetString() == "installed", 120);
    }
}
