using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.SampleService;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Postgres.Tests;

public sealed class RestartTests
{
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task While_the_server_is_away_all_is_503_and_when_it_is_back_the_service_is_as_well()
    {
        if (PostgresServer.Missing is { } reason)
            Assert.Skip(reason);
        await using var server = await PostgresServer.StartAsync();
        await using var service = Server.On<NotesDb>(await server.CreateDatabaseAsync());
        using var client = service.As(_user);
        await CreateAsync(client).JsonAsync(201);
        using var stop = new CancellationTokenSource();
        var traffic = Http.AtOnceAsync(4, _ => CreateUntilAsync(client, stop.Token));

        await server.StopAsync();
        var health = await client.GetAsync("/health/ready").JsonAsync(503);
        Assert.Equal("unhealthy", health.GetProperty("checks").Text("database"));
        foreach (var call in new[] { CreateAsync(client), client.GetAsync("/api/notes"), DeliverAsync(service) })
        {
            var problem = await call.JsonAsync(503);
            Assert.Equal(("unavailable", "The database can't be reached."),
                (problem.Text("type"), problem.Text("detail")));
        }
        await client.GetAsync("/health/live").JsonAsync();

        await server.StartAgainAsync();
        await Wait.UntilAsync("the service", async () => (await client.GetAsync("/health/ready")).IsSuccessStatusCode);
        await Wait.UntilAsync("a note", async () => (await CreateAsync(client)).StatusCode == HttpStatusCode.Created);
        await stop.CancelAsync();
        var seen = (await traffic).SelectMany(s => s).ToHashSet();
        Assert.Subset(new HashSet<HttpStatusCode> { HttpStatusCode.Created, HttpStatusCode.ServiceUnavailable }, seen);
        await DeliverAsync(service).JsonAsync();
    }

    [Fact]
    public async Task A_worker_goes_on_soon_after_the_server_was_away()
    {
        if (PostgresServer.Missing is { } reason)
            Assert.Skip(reason);
        await using var server = await PostgresServer.StartAsync();
        var done = new ConcurrentBag<string>();
        await using var chores = await StartChoresAsync(done);
        await using var service = Server.On<NotesDb>(
            await server.CreateDatabaseAsync(), ("CHORE_URL", $"{chores.Urls.Single()}/"));
        using var client = service.As(_user);
        await AddChoreAsync(client, "before", 0);
        await AddChoreAsync(client, "while-away", 3);
        await Wait.UntilAsync("the first", () => done.Contains("before"));

        await server.StopAsync();
        await client.GetAsync("/health/ready").JsonAsync(503);
        await server.StartAgainAsync();
        await Wait.UntilAsync("the second", () => done.Contains("while-away"));
        await Wait.UntilAsync("its row", () => service.InDatabaseAsync(
            db => db.Set<Chore>().AllAsync(c => c.NextAttemptAt == null && c.DoneBy != null)));
    }

    static async Task AddChoreAsync(HttpClient client, string name, double inSeconds) =>
        await client.PostAsJsonAsync("/api/chores", new NewChore(name, inSeconds)).JsonAsync(202);

    static async Task<WebApplication> StartChoresAsync(ConcurrentBag<string> done)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/{name}", (string name) => done.Add(name));
        await app.StartAsync();
        return app;
    }

    static Task<HttpResponseMessage> CreateAsync(HttpClient client) =>
        client.PostAsJsonAsync("/api/notes", new NewNote("n", 1));

    static async Task<HashSet<HttpStatusCode>> CreateUntilAsync(HttpClient client, CancellationToken stop)
    {
        var seen = new HashSet<HttpStatusCode>();
        while (!stop.IsCancellationRequested)
            seen.Add((await CreateAsync(client)).StatusCode);
        return seen;
    }

    Task<HttpResponseMessage> DeliverAsync(TestService<NotesDb> service) => service.DeliverAsync(new DeviceCreated(
        Guid.CreateVersion7(), _user, "p", "phone", 1, 1, Guid.CreateVersion7(), DateTimeOffset.UtcNow, 1));
}
