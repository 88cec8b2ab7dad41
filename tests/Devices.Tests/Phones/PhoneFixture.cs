using System.Net;
using System.Net.Http.Json;
using CloudPhone.Adb.Shell;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Tests.Phones;

/// <summary>One phone that runs, for the tests of a class.</summary>
public sealed class PhoneFixture : IAsyncLifetime
{
    internal DevicePlatform Platform { get; private set; } = null!;
    internal Guid Id { get; private set; }
    internal HttpClient Client => Platform.Client;

    public async ValueTask InitializeAsync()
    {
        Platform = await DevicePlatform.StartAsync(settings: ("DEVICE_FILE_LIMIT_MB", "6"));
        Id = (await Platform.CreateRunningAsync()).Id;
    }

    internal string At(string path) => $"/api/devices/{Id}/{path}";

    internal Task<HttpResponseMessage> PostAsync(string path, object body) => Client.PostAsJsonAsync(At(path), body);

    /// <summary>What was done within the phone so far, newest first.</summary>
    internal async Task<IReadOnlyList<HistoryView>> ActsAsync() =>
        [.. (await Platform.GetAsync<Page<HistoryView>>(At("history?limit=100")))!.Items.Where(h => h.Act is not null)];

    /// <summary>By the shell itself, which users don't have.</summary>
    internal Task<string> DoAsync(string command) =>
        Platform.Phone(Id).DoAsync(command, default);

    internal static async Task DoneAsync(HttpResponseMessage answer, HttpStatusCode expected = HttpStatusCode.NoContent)
    {
        using (answer)
            Assert.True(answer.StatusCode == expected, await answer.Content.ReadAsStringAsync());
    }

    public ValueTask DisposeAsync() => Platform.DisposeAsync();
}
