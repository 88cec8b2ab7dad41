using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users;

namespace CloudPhone.Postgres.Tests;

public sealed class UsersTests(Server server)
{
    const string Password = "seven green lanterns";

    static async Task<Guid> RegisterAsync(HttpClient client)
    {
        var request = new { username = "anna", email = "anna@example.com", password = Password };
        return (await client.PostAsJsonAsync("/api/auth/register", request).JsonAsync(201)).GetProperty("id").GetGuid();
    }

    static Task<HttpResponseMessage> LoginAsync(HttpClient client, string username, string password = Password) =>
        client.PostAsJsonAsync("/api/auth/login", new { username, password });

    [Fact]
    public async Task A_user_registers_logs_in_refreshes_and_logs_out()
    {
        await using var service = await server.StartAsync<UsersDb>();
        using var client = service.Anonymous();
        var id = await RegisterAsync(client);
        var tokens = await LoginAsync(client, "ANNA@example.com").JsonAsync();
        using var anna = service.WithBearer(tokens.Text("accessToken"));
        Assert.Equal(id, (await anna.GetAsync("/api/users/me").JsonAsync()).GetProperty("id").GetGuid());
        var used = new { refreshToken = tokens.Text("refreshToken") };
        var fresh = await client.PostAsJsonAsync("/api/auth/refresh", used).JsonAsync();
        var next = new { refreshToken = fresh.Text("refreshToken") };
        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsJsonAsync("/api/auth/logout", next)).StatusCode);
        await client.PostAsJsonAsync("/api/auth/refresh", next).JsonAsync(401);
        Assert.Contains(await service.PublishedAsync<UserRegistered>(), e => e.UserId == id);
    }

    [Fact]
    public async Task The_same_name_at_once_is_registered_once()
    {
        await using var service = await server.StartAsync<UsersDb>();
        using var client = service.Anonymous();
        var answers = await Http.AtOnceAsync(6, _ => client.PostAsJsonAsync(
            "/api/auth/register", new { username = "ben", email = "ben@example.com", password = Password }));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(5, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_for_a_while()
    {
        await using var service = await server.StartAsync<UsersDb>();
        using var client = service.Anonymous();
        await RegisterAsync(client);
        for (var i = 0; i < 5; i++)
            await LoginAsync(client, "anna", "wrong").JsonAsync(401);
        await LoginAsync(client, "anna").JsonAsync(429);
        await Wait.UntilAsync("failures to be told", async () =>
            (await service.PublishedAsync<UserLoginFailed>()).Count == 5);
    }

    [Fact]
    public async Task Thirty_reservations_at_once_stop_at_the_limit()
    {
        await using var service = await server.StartAsync<UsersDb>();
        using var client = service.Anonymous();
        var userId = await RegisterAsync(client);
        using var devices = service.AsService(AppIds.Devices);
        Task<HttpResponseMessage> Reserve(Guid deviceId) =>
            devices.PostAsJsonAsync("/internal/quotas/reserve", new { userId, deviceId, cpuCores = 2, memoryGB = 4 });
        var answers = await Http.AtOnceAsync(30, _ => Reserve(Guid.CreateVersion7()).JsonAsync());
        Assert.Equal(10, answers.Count(a => a.Text("outcome") == "reserved"));
        Assert.Equal(20, answers.Count(a => a.Text("outcome") == "refused"));
        var quota = await devices.GetAsync($"/api/quotas/user/{userId}").JsonAsync();
        Assert.Equal((10, 20, 40), Usage(quota));
    }

    [Fact]
    public async Task Reservation_count_and_release_of_one_phone_at_once_end_with_nothing_held()
    {
        await using var service = await server.StartAsync<UsersDb>();
        using var client = service.Anonymous();
        var userId = await RegisterAsync(client);
        using var devices = service.AsService(AppIds.Devices);
        var deviceId = Guid.CreateVersion7();
        var operations = new[] { "increment", "decrement" };
        await Http.AtOnceAsync(20, i => devices.PostAsJsonAsync($"/api/quotas/user/{userId}/usage",
            new { deviceId, cpuCores = 2, memoryGB = 4, operation = operations[i % 2] }).JsonAsync());
        Assert.Equal((0, 0, 0), Usage(await devices.GetAsync($"/api/quotas/user/{userId}").JsonAsync()));
    }

    static (int, int, int) Usage(System.Text.Json.JsonElement quota)
    {
        var usage = quota.GetProperty("usage");
        int Of(string name) => usage.GetProperty(name).GetInt32();
        return (Of("currentDevices"), Of("usedCpuCores"), Of("usedMemoryGB"));
    }
}
