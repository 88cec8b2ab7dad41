using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users.Quotas;

namespace CloudPhone.Users.Tests.Quotas;

/// <summary>Calls the quota routes as the device service does.</summary>
sealed class QuotaClient(UserService service, Guid userId) : IDisposable
{
    readonly HttpClient _http = service.AsService(AppIds.Devices);

    public Task<HttpResponseMessage> TryReserveAsync(Guid deviceId, int cores = 2, int memory = 4) =>
        _http.PostAsJsonAsync("/internal/quotas/reserve", new ReserveRequest(userId, deviceId, cores, memory));

    public async Task<ReserveAnswer> ReserveAsync(Guid deviceId, int cores = 2, int memory = 4)
    {
        var answer = await TryReserveAsync(deviceId, cores, memory);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<ReserveAnswer>())!;
    }

    public Task<HttpResponseMessage> TryReportAsync(Guid deviceId, string operation, int cores = 2, int memory = 4) =>
        _http.PostAsJsonAsync($"/api/quotas/user/{userId}/usage",
            new { deviceId, cpuCores = cores, memoryGB = memory, operation });

    public async Task<QuotaUsage> ReportAsync(Guid deviceId, string operation, int cores = 2, int memory = 4)
    {
        var answer = await TryReportAsync(deviceId, operation, cores, memory);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<QuotaView>())!.Usage;
    }

    public async Task<QuotaUsage> UsageAsync() => (await service.QuotaAsync(userId)).Usage;

    public void Dispose() => _http.Dispose();
}
