using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Devices.Tests.Operations;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Tests.Snapshots;

static class SnapshotCalls
{
    public static string FolderOf(this DevicePlatform platform, Guid snapshot) =>
        Path.Combine(platform.PhonesFolder, "snapshots", $"{snapshot}");

    /// <summary>A file that copies stand still at, until somebody writes into it.</summary>
    public static async Task<string> MakePipeAsync(string path)
    {
        using var made = Process.Start("mkfifo", [path]);
        await made.WaitForExitAsync();
        Assert.Equal(0, made.ExitCode);
        return path;
    }

    public static Task<HttpResponseMessage> PostAsync(this DevicePlatform platform, string what, object body) =>
        platform.Client.PostAsJsonAsync($"/api/devices/{what}", body);

    public static async Task<Page<SnapshotView>> SnapshotsAsync(this DevicePlatform platform, string query = "") =>
        (await platform.GetAsync<Page<SnapshotView>>($"/api/devices/snapshots{query}"))!;

    public static async Task<Guid> TakeAsync(this DevicePlatform platform, Guid id, string name)
    {
        var snapshot = await platform.BeginAsync($"{id}/snapshots", new { name });
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(snapshot)).Status);
        return snapshot;
    }

    public static async Task<OperationView> RestoreAsync(this DevicePlatform platform, Guid id, Guid snapshotId) =>
        await platform.EndOfAsync(await platform.BeginAsync($"{id}/restore", new { snapshotId }));

    /// <returns>The operation's id.</returns>
    public static async Task<Guid> BeginAsync(this DevicePlatform platform, string what, object body)
    {
        using var answer = await platform.PostAsync(what, body);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("operationId").GetGuid();
    }

    /// <returns>The clone's id.</returns>
    public static async Task<Guid> CloneAsync(this DevicePlatform platform, Guid snapshotId)
    {
        using var made = await platform.Client.PostAsJsonAsync(
            "/api/devices", new { name = "clone", template = "small", snapshotId });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return Guid.Parse(made.Headers.Location!.OriginalString.Split('/')[^1]);
    }

    public static async Task WriteAsync(this DevicePlatform platform, Guid id, string text)
    {
        using var content = new StringContent(text);
        content.Headers.ContentType = new("application/octet-stream");
        using var answer = await platform.Client.PutAsync($"/api/devices/{id}/files?path=/sdcard/kept", content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public static Task<string> ReadAsync(this DevicePlatform platform, Guid id) =>
        platform.Client.GetStringAsync($"/api/devices/{id}/files/content?path=/sdcard/kept");
}
