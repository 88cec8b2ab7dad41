using System.Net;
using System.Net.Http.Json;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Tests.Api;

public sealed class TagTests
{
    [Fact]
    public async Task Phones_are_found_by_tag_name_and_state_page_by_page()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var first = (await platform.CreateRunningAsync("Shop One")).Id;
        var second = (await platform.CreateRunningAsync("shop 100%_two")).Id;
        var third = (await platform.CreateRunningAsync("other")).Id;
        await ChangeAsync(platform, first, new { tags = new[] { "EU", "test", "eu" } });
        await ChangeAsync(platform, second, new { tags = new[] { "test" } });
        await ChangeAsync(platform, third, new { tags = new[] { "testing" } });
        Assert.Equal(["eu", "test"], (await platform.GetAsync(first))!.Tags);

        Assert.Equal([second, first], await FindAsync(platform, "tag=TEST"));
        Assert.Equal([first], await FindAsync(platform, "tag=eu&tag="));
        Assert.Equal([second, first], await FindAsync(platform, "q=SHOP"));
        Assert.Equal([second], await FindAsync(platform, "q=%25_"));
        Assert.Equal([third], await FindAsync(platform, "q=testing"));
        Assert.Equal([first], await FindAsync(platform, "q=one&tag=test&status=running"));
        Assert.Empty(await FindAsync(platform, "status=stopped"));
        Assert.Equal(3, (await FindAsync(platform, "tag=&q=&status=")).Count);
        await ChangeAsync(platform, third, new { name = "ÉCLAIR Öl" });
        Assert.Equal([third], await FindAsync(platform, "q=%C3%A9clair%20%C3%96L"));
        Assert.Equal([third], await FindAsync(platform, "q=%C3%89CLAIR"));
        var page = await platform.GetAsync<Page<DeviceView>>("/api/devices?tag=test&limit=1");
        Assert.Equal([first], await FindAsync(platform, $"tag=test&limit=1&cursor={page!.NextCursor}"));
    }

    [Fact]
    public async Task A_phone_is_renamed_by_its_owner_only()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync("before")).Id;
        await ChangeAsync(platform, id, new { name = " after ", tags = new[] { "a" } });
        await ChangeAsync(platform, id, new { name = "later" });
        var phone = (await platform.GetAsync(id))!;
        Assert.Equal(("later", "a"), (phone.Name, Assert.Single(phone.Tags)));
        using var other = platform.Service.As(Guid.CreateVersion7());
        await Expect.ProblemAsync(
            await other.PatchAsJsonAsync($"/api/devices/{id}", new { name = "mine" }), 404, "not-found");
        await platform.Client.PostAsync($"/api/devices/{id}/stop", null);
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        Assert.Equal("later", (await platform.GetAsync(id))!.Name);
    }

    [Fact]
    public async Task What_is_no_tag_or_name_is_refused()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        foreach (var body in new object[]
        {
            new { }, new { name = " " }, new { name = new string('n', 101) }, new { name = "a\nb" },
            new { tags = new[] { "two words" } }, new { tags = new[] { "" } },
            new { tags = new[] { new string('t', 33) } },
            new { tags = new[] { "../../etc" } }, new { tags = Enumerable.Range(0, 11).Select(i => $"t{i}") },
        })
            await Expect.ProblemAsync(
                await platform.Client.PatchAsJsonAsync($"/api/devices/{id}", body), 400, "bad-request");
        foreach (var query in new[] { "status=7", "status=%2B1", "status=%201", "status=running,stopped",
            "status=idle", "tag=a%20b", $"q={new string('q', 101)}" })
            await Expect.ProblemAsync(await platform.Client.GetAsync($"/api/devices?{query}"), 400, "bad-request");
        var phone = (await platform.GetAsync(id))!;
        Assert.Equal(("phone", 0), (phone.Name, phone.Tags.Count));
    }

    static async Task ChangeAsync(DevicePlatform platform, Guid id, object change)
    {
        using var answer = await platform.Client.PatchAsJsonAsync($"/api/devices/{id}", change);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    static async Task<List<Guid>> FindAsync(DevicePlatform platform, string query) =>
        [.. (await platform.GetAsync<Page<DeviceView>>($"/api/devices?{query}"))!.Items.Select(d => d.Id)];
}
