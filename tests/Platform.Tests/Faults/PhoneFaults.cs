using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>Breaks simulated phones by their control ports, and says that it is time to look after them.</summary>
sealed class PhoneFaults(RunningPlatform platform) : IDisposable
{
    readonly HttpClient _http = new();

    /// <param name="fault">See the phone simulator's README.</param>
    public async Task SetAsync(Guid phone, string fault)
    {
        var folder = Path.Combine(platform.Data, "phones", phone.ToString());
        var port = Read(folder, "run.json").GetProperty("port").GetInt32();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/faults/{fault}");
        request.Headers.Add("X-Phone-Token", Read(folder, "phone.json").GetProperty("token").GetString());
        (await _http.SendAsync(request)).EnsureSuccessStatusCode();
    }

    /// <summary>What the sidecar's cron binding does every five minutes, though it may have done it just now: phones
    /// that were asked then would be left out.</summary>
    public async Task RoundAsync()
    {
        platform.Change(AppIds.Devices, "UPDATE devices SET checked_at = NULL");
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(platform.AddressOf(AppIds.Devices), "/cron/check-phones"));
        request.Headers.Add("dapr-api-token", platform.Secret("APP_API_TOKEN"));
        (await _http.SendAsync(request)).EnsureSuccessStatusCode();
    }

    static JsonElement Read(string folder, string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, file)));
        return json.RootElement.Clone();
    }

    public void Dispose() => _http.Dispose();
}
