using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.SampleService;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Postgres.Tests;

public sealed class RelayTests(Server server)
{
    const int Count = 400;

    /// <summary>Receipts come back while the relays still note what they have sent: both write the same rows.</summary>
    [Fact]
    public async Task Two_relays_send_each_event_once_while_the_receipts_come_in()
    {
        var sent = new ConcurrentBag<string>();
        var (services, next) = (new List<TestService<NotesDb>>(), 0);
        await using var sidecar = await StartPublishApiAsync(async entries =>
        {
            foreach (var id in entries.Select(e => e.GetProperty("metadata").Text("cloudevent.id")))
            {
                sent.Add(id);
                using var client = services[Interlocked.Increment(ref next) % 2].Anonymous();
                client.DefaultRequestHeaders.Add("dapr-api-token", TestService<NotesDb>.SidecarToken);
                var receipt = new { id, type = "app.installed", source = "app-service", data = new { } };
                (await client.PostAsJsonAsync("/events/receipts", receipt)).EnsureSuccessStatusCode();
            }
        });
        var url = await server.CreateDatabaseAsync();
        var port = ("DAPR_HTTP_PORT", sidecar.Urls.Single().Split(':')[^1]);
        await using TestService<NotesDb> one = Server.On<NotesDb>(url, port), two = Server.On<NotesDb>(url, port);
        services.AddRange([one, two]);
        using HttpClient first = one.As(Guid.CreateVersion7()), second = two.As(Guid.CreateVersion7());
        var answers = await Http.AtOnceAsync(Count,
            i => (i % 2 == 0 ? first : second).PostAsJsonAsync("/api/notes", new NewNote("n", 1)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        await Wait.UntilAsync("every receipt",
            () => one.InDatabaseAsync(db => db.Outbox.AllAsync(m => m.ConfirmedAt != null && m.SentAt != null)));
        Assert.Equal(Count, await one.InDatabaseAsync(db => db.Outbox.CountAsync(m => m.Attempts == 1)));
        Assert.Equal((Count, Count), (sent.Count, sent.Distinct().Count()));
    }

    static async Task<WebApplication> StartPublishApiAsync(Func<JsonElement[], Task> take)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/v1.0/publish/bulk/{pubsub}/{topic}", async (JsonElement[] entries) =>
        {
            await take(entries);
            return Results.NoContent();
        });
        await app.StartAsync();
        return app;
    }
}
