using System.Net;
using System.Net.Http.Json;
using CloudPhone.Adb.Shell;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Templates;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Devices.Tests.Templates;

public sealed class TemplateTests
{
    [Fact]
    public async Task A_phone_of_a_template_has_its_size_screen_and_version_also_after_a_restart()
    {
        await using var platform = await DevicePlatform.StartAsync(settings:
            ("DEVICE_TEMPLATES", "wide=cpu:3,memory:5,storage:20,screen:800x480,dpi:240,android:12,type:tablet"));
        var id = await CreateAsync(platform, new { name = "t", template = "wide" });
        var phone = (await platform.GetAsync(id))!;
        Assert.Equal(("wide", "tablet", 3, 5, 20, new ScreenView(800, 480, 240), 12), (phone.Template,
            phone.DeviceType, phone.CpuCores, phone.MemoryGB, phone.StorageGB!.Value, phone.Screen,
            phone.AndroidVersion));
        for (var starts = 0; starts < 2; starts++)
        {
            Assert.Contains("800x480", await platform.Phone(id).DoAsync("wm size", default));
            Assert.Contains("240", await platform.Phone(id).DoAsync("wm density", default));
            Assert.Equal("12", (await platform.Phone(id).DoAsync("getprop ro.build.version.release", default)).Trim());
            await platform.Client.PostAsync($"/api/devices/{id}/stop", null);
            await platform.WaitAsync(id, DeviceStatus.Stopped);
            await platform.Client.PostAsync($"/api/devices/{id}/start", null);
            await platform.WaitAsync(id, DeviceStatus.Running);
        }
    }

    [Fact]
    public async Task There_are_some_and_numbers_do_as_well()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("MAX_DEVICE_CPU_CORES", "2"));
        var templates = (await platform.GetAsync<Page<TemplateView>>("/api/devices/templates"))!.Items;
        Assert.Equal(["small", "standard"], templates.Select(t => t.Name)); // the others are too large here
        var id = await CreateAsync(platform, new { name = "n", cpuCores = 1, memoryGB = 1 });
        var phone = (await platform.GetAsync(id))!;
        Assert.Equal(
            (null, new ScreenView(720, 1280, 320), null), (phone.Template, phone.Screen, phone.AndroidVersion));
        foreach (var (type, body) in new (string, object)[]
        {
            ("bad-request", new { name = "x", template = "small", cpuCores = 1 }),
            ("bad-request", new { name = "x", template = "small", storageGB = 10 }),
            ("bad-request", new { name = "x", cpuCores = 1 }), ("bad-request", new { name = "x" }),
            ("unknown-template", new { name = "x", template = "large" }),
            ("unknown-template", new { name = "x", template = "" }),
        })
            await Expect.ProblemAsync(await platform.Client.PostAsJsonAsync("/api/devices", body), 400, type);
    }

    [Theory]
    [InlineData("small", "small")]
    [InlineData("small=cpu:1", "memory")]
    [InlineData("small=cpu:1,memory:2,colour:red", "colour")]
    [InlineData("small=cpu:1,memory:2,screen:721x1280", "even")]
    [InlineData("small=cpu:1,memory:2,screen:720", "screen")]
    [InlineData("small=cpu:99,memory:2", "MAX_DEVICE_CPU_CORES")]
    [InlineData("s=cpu:1,memory:2;s=cpu:1,memory:2", "once")]
    [InlineData("a b=cpu:1,memory:2", "a b")]
    [InlineData("s=cpu:1,memory:2,type:fridge", "type")]
    public void What_can_not_be_read_is_said_at_the_start(string templates, string said)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["PHONES_FOLDER"] = "/tmp", ["DEVICE_TEMPLATES"] = templates,
        }).Build();
        Assert.Contains(said, Assert.Throws<SettingException>(() => DeviceOptions.Read(settings)).Message);
    }

    static async Task<Guid> CreateAsync(DevicePlatform platform, object body)
    {
        using var answer = await platform.Client.PostAsJsonAsync("/api/devices", body);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var id = Guid.Parse(answer.Headers.Location!.OriginalString.Split('/')[^1]);
        await platform.WaitAsync(id, DeviceStatus.Running);
        return id;
    }
}
