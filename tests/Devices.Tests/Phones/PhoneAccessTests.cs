using System.Net;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Devices.Tests.Phones;

/// <summary>Who may do something within a phone, and when.</summary>
public sealed class PhoneAccessTests
{
    static readonly (HttpMethod Method, string Path, string? Json)[] All =
    [
        (HttpMethod.Get, "screenshot", null), (HttpMethod.Get, "logs", null),
        (HttpMethod.Post, "shell", """{"command":"id"}"""),
        (HttpMethod.Post, "input", """{"type":"tap","x":1,"y":1}"""),
        (HttpMethod.Post, "rotate", """{"orientation":"landscape"}"""),
        (HttpMethod.Get, "files?path=/sdcard", null), (HttpMethod.Get, "files/content?path=/sdcard/a", null),
        (HttpMethod.Put, "files?path=/sdcard/a", ""), (HttpMethod.Delete, "files?path=/sdcard/a", null),
    ];

    /// <summary>Strangers are not told what is wrong with what they send.</summary>
    static readonly (HttpMethod Method, string Path, string? Json)[] Wrong =
    [
        (HttpMethod.Get, "logs?lines=0", null), (HttpMethod.Post, "shell", """{"command":"reboot"}"""),
        (HttpMethod.Post, "input", """{"type":"roll"}"""), (HttpMethod.Post, "rotate", """{"orientation":""}"""),
        (HttpMethod.Get, "files", null), (HttpMethod.Get, "files?path=/etc", null), (HttpMethod.Put, "files", ""),
        (HttpMethod.Put, "files", null),
    ];

    static async Task<HttpResponseMessage> SendAsync(HttpClient client, Guid id, (HttpMethod, string, string?) call)
    {
        var (method, path, json) = call;
        using var request = new HttpRequestMessage(method, $"/api/devices/{id}/{path}");
        if (json is not null)
            request.Content = new StringContent(json, null,
                method == HttpMethod.Put ? "application/octet-stream" : "application/json");
        return await client.SendAsync(request);
    }

    [Fact]
    public async Task Only_its_owner_and_operators_and_only_while_it_runs()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        using var other = platform.Service.As(Guid.CreateVersion7());
        using var anonymous = platform.Service.Anonymous();
        using var op = platform.Service.As(Guid.CreateVersion7(), Roles.Operator);
        foreach (var call in All.Concat(Wrong))
        {
            await Expect.ProblemAsync(await SendAsync(other, id, call), 404, "not-found");
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(anonymous, id, call)).StatusCode);
        }
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(op, id, All[0])).StatusCode);
        await platform.Client.PostAsync($"/api/devices/{id}/stop", null);
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        foreach (var call in All)
        {
            var problem = await Expect.ProblemAsync(await SendAsync(platform.Client, id, call), 409, "wrong-state");
            Assert.Equal("stopped", problem.GetProperty("deviceStatus").GetString());
        }
        var history = await platform.GetAsync<Shared.Http.Page<Devices.Api.HistoryView>>($"/api/devices/{id}/history");
        Assert.DoesNotContain(history!.Items, h => h.Act is not null);
    }

    [Theory]
    [InlineData("hang")]
    [InlineData("adb-dead")]
    public async Task A_phone_that_says_nothing_is_a_504_in_time_and_answers_again_later(string fault)
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await PhoneProcess.FaultAsync(platform.PhonesFolder, id, fault);
        await Expect.ProblemAsync(await SendAsync(platform.Client, id, All[0]), 504, "no-answer");
        await PhoneProcess.FaultAsync(platform.PhonesFolder, id, fault, isOn: false);
        await CloudPhone.Testing.Wait.UntilAsync("the phone's answer", async () =>
        {
            using var answer = await SendAsync(platform.Client, id, All[0]);
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }
}
