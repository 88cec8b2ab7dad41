using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Testing;
using Microsoft.AspNetCore.SignalR.Client;

namespace CloudPhone.Platform.Tests.Running;

/// <summary>A signed-in user who does through the gateway what users do.</summary>
public sealed class PlatformUser : IAsyncDisposable
{
    HubConnection? _hub;

    PlatformUser(RunningPlatform platform, Guid id, string name, string token)
    {
        (Platform, Id, Name, Token) = (platform, id, name, token);
        Http = new() { BaseAddress = platform.Gateway, Timeout = TimeSpan.FromSeconds(60) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public RunningPlatform Platform { get; }
    public HttpClient Http { get; }
    public Guid Id { get; }
    public string Name { get; }
    public string Email => $"{Name}@example.com";
    /// <summary>Its access token.</summary>
    public string Token { get; }
    /// <summary>What came over the WebSocket.</summary>
    public ConcurrentQueue<JsonElement> Pushed { get; } = new();

    public bool IsWebSocketOpen => _hub?.State == HubConnectionState.Connected;

    public static async Task<PlatformUser> LogInAsync(RunningPlatform platform, string name, string password)
    {
        using var http = new HttpClient { BaseAddress = platform.Gateway };
        var answer = await http.PostAsJsonAsync("/api/auth/login", new { username = name, password });
        answer.EnsureSuccessStatusCode();
        var login = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return new(platform, login.GetProperty("user").GetProperty("id")
            .GetGuid(), name, login.GetProperty("accessToken").GetString()!);
    }

    public async Task OpenWebSocketAsync()
    {
        _hub = new HubConnectionBuilder()
            .WithUrl(new Uri(Platform.Gateway, "/ws/notifications"), o =>
                o.AccessTokenProvider = () => Task.FromResult<string?>(Token)).Build();
        _hub.On<JsonElement>("notification", Pushed.Enqueue);
        await _hub.StartAsync();
    }

    /// <exception cref="HttpRequestException">The answer is none of success; the message has it.</exception>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"GET {path}: {(int)answer.StatusCode} {text}", null, answer.StatusCode);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>All pages of a list.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path)
    {
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var from = cursor is null ? "" : $"&cursor={cursor}";
            var page = await GetAsync(
                $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=100{from}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return items;
    }

    public Task<HttpResponseMessage> CreateAsync(
        string name, int cpuCores = 1, int memoryGB = 1, string? requestId = null, string? key = null)
    {
        var request = new HttpRequestMessage(
            HttpMethod.Post, "/api/devices")
        { Content = JsonContent.Create(new { name, cpuCores, memoryGB }) };
        if (requestId is not null)
            request.Headers.Add("X-Request-ID", requestId);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return Http.SendAsync(request);
    }

    /// <summary>Creates a phone and waits until it runs.</summary>
    public async Task<Guid> CreateRunningAsync(string name, string? requestId = null)
    {
        var answer = await CreateAsync(name, requestId: requestId);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{(int)answer.StatusCode} {text}");
        var created = JsonDocument.Parse(text).RootElement;
        Assert.True(created.GetProperty("success").GetBoolean());
        var id = created.GetProperty("device").GetProperty("id").GetGuid();
        await UntilStatusAsync(id, "running");
        return id;
    }

    public Task UntilStatusAsync(Guid device, string status) => Wait.UntilAsync($"{device} to be {status}", async () =>
        (await GetAsync($"/api/devices/{device}")).GetProperty("status").GetString() == status, 60);

    public async Task<JsonElement> QuotaUsageAsync() => (await GetAsync($"/api/quotas/user/{Id}")).GetProperty("usage");

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
            await _hub.DisposeAsync();
        Http.Dispose();
    }
}
