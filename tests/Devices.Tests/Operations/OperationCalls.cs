using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Operations;

static class OperationCalls
{
    /// <returns>The operation's id.</returns>
    public static async Task<Guid> BatchAsync(
        this DevicePlatform platform, string action, IReadOnlyList<Guid> deviceIds, Guid? appId = null)
    {
        using var answer = await platform.Client.PostAsJsonAsync(
            "/api/devices/batch", new { action, deviceIds, appId });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("operationId").GetGuid();
        Assert.Equal($"/api/devices/operations/{id}", answer.Headers.Location!.OriginalString);
        return id;
    }

    public static async Task<OperationView> RunAsync(
        this DevicePlatform platform, string action, IReadOnlyList<Guid> deviceIds, Guid? appId = null) =>
        await platform.EndOfAsync(await platform.BatchAsync(action, deviceIds, appId));

    public static async Task<OperationView> EndOfAsync(this DevicePlatform platform, Guid id)
    {
        OperationView? operation = null;
        await Wait.UntilAsync("the operation's end", async () =>
        {
            operation = await platform.GetAsync<OperationView>($"/api/devices/operations/{id}?waitSeconds=4");
            return operation!.EndedAt is not null;
        }, 60);
        return operation!;
    }
}
