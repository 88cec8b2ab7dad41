using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Benchmarks.Events;
using CloudPhone.Testing;

namespace CloudPhone.Benchmarks.Logins;

/// <summary>The user service over PostgreSQL, as its sidecar would call it.</summary>
sealed class UserService : IAsyncDisposable
{
    const string Password = "long enough 2026", AppToken = "of the service, in benchmarks";
    readonly PostgresServer _server;
    readonly ServiceProcess _process;
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    UserService(PostgresServer server, ServiceProcess process) => (_server, _process) = (server, process);

    public static async Task<UserService> StartAsync()
    {
        var server = await PostgresServer.StartAsync(PostgresSettings.Durable);
        var process = ServiceProcess.Start([Repository.Built("services/Users", "CloudPhone.Users")],
            ("DATABASE_URL", await server.CreateDatabaseAsync()), ("JWT_SECRET", new string('k', 48)),
            ("APP_API_TOKEN", AppToken), ("DAPR_HTTP_PORT", "1"), ("Logging__LogLevel__CloudPhone", "None"));
        var service = new UserService(server, process);
        service._http.BaseAddress = await process.AddressAsync();
        service._http.DefaultRequestHeaders.Add("dapr-api-token", AppToken);
        await service.SignInAsync();
        return service;
    }

    async Task SignInAsync()
    {
        await Wait.UntilAsync("the user service", async () =>
        {
            using var ready = await _http.GetAsync("/health/ready");
            return ready.IsSuccessStatusCode;
        }, 60);
        using var registered = await _http.PostAsJsonAsync(
            "/api/auth/register", new { username = "somebody", email = "somebody@example.com", password = Password });
        registered.EnsureSuccessStatusCode();
        using var login = await _http.PostAsJsonAsync(
            "/api/auth/login", new { username = "somebody", password = Password });
        var token = (await login.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>())
            .GetProperty("accessToken").GetString();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>What every page of a client asks for.</summary>
    public async Task ReadAsync() => await _http.GetByteArrayAsync("/api/users/me");

    /// <summary>A wrong password for a name of its own, from an address of its own.</summary>
    public async Task GuessAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/login")
        {
            Content = JsonContent.Create(new { username = $"u{Guid.NewGuid():N}"[..20], password = "wrong, and long" }),
        };
        request.Headers.Add("X-Forwarded-For", new IPAddress(Random.Shared.NextInt64(1, uint.MaxValue)).ToString());
        using var answer = await _http.SendAsync(request);
        if (answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable))
            throw new InvalidOperationException($"A login was answered {(int)answer.StatusCode}.");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        await _server.DisposeAsync();
    }
}
