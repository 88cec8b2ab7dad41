using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.SampleService;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Tests;

public sealed class MessagingTests : IAsyncDisposable
{
    readonly TestService<NotesDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    DeviceCreated Event(string name = "one") => new(
        Guid.CreateVersion7(), _user, name, "phone", 1, 1, Guid.CreateVersion7(), DateTimeOffset.UtcNow, 1);

    async Task<IReadOnlyList<Note>> NotesAsync()
    {
        using var client = _service.As(_user);
        return (await client.GetFromJsonAsync<Page<Note>>("/api/notes?limit=100"))!.Items;
    }

    [Fact]
    public async Task A_delivery_takes_effect_once_however_often_it_comes()
    {
        var e = Event();
        var deliveries = Enumerable.Range(0, 10).Select(_ => _service.DeliverAsync(e, "the-same-id"));
        Assert.All(await Task.WhenAll(deliveries), r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        Assert.Single(await NotesAsync());
        Assert.Single(await _service.PublishedAsync<AppInstalled>());
    }

    [Fact]
    public async Task What_is_to_be_done_after_a_commit_is_done_once_and_of_nothing_that_was_undone()
    {
        var said = new List<string>();
        await _service.InDatabaseAsync(async db =>
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => db.InTransactionAsync(() =>
            {
                db.AfterCommit(() => said.Add("undone"));
                throw new InvalidOperationException();
            }, default));
            await db.InTransactionAsync(() =>
            {
                db.AfterCommit(() => said.Add($"within {db.Database.CurrentTransaction is not null}"));
                Assert.Empty(said);
                return Task.CompletedTask;
            }, default);
            await db.InTransactionAsync(() => Task.CompletedTask, default);
            return true;
        });
        Assert.Equal(["within False"], said);
    }

    [Fact]
    public async Task A_failing_handler_leaves_nothing_and_can_be_tried_again()
    {
        var answer = await _service.DeliverAsync(Event("poison"), "bad");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(await NotesAsync());
        Assert.Equal(HttpStatusCode.OK, (await _service.DeliverAsync(Event("good"), "bad")).StatusCode);
        Assert.Single(await NotesAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task Nobody_but_the_sidecar_delivers(string? token)
    {
        using var client = _service.As(_user, "admin");
        if (token is not null)
            client.DefaultRequestHeaders.Add("dapr-api-token", token);
        foreach (var path in new[] { "/events/device.created", "/events/receipts", "/events/dead-letters" })
            await PlatformTests.AssertProblemAsync(
                await client.PostAsJsonAsync(path, new { id = "1", type = "t", data = 1 }), 401, "unauthorized");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/dapr/subscribe")).StatusCode);
        Assert.Empty(await NotesAsync());
    }

    [Fact]
    public async Task The_subscription_is_one_queue_with_a_rule_for_each_event()
    {
        using var client = SidecarClient();
        var subscriptions =
            JsonDocument.Parse(await client.GetStringAsync("/dapr/subscribe")).RootElement.EnumerateArray().ToList();
        Assert.Equal(2, subscriptions.Count);
        var events = subscriptions.Single(s => s.GetProperty("topic").GetString() == "cloudphone.events");
        Assert.Equal("pubsub", events.GetProperty("pubsubName").GetString());
        Assert.Equal("cloudphone.apps.dlx", events.GetProperty("deadLetterTopic").GetString());
        var metadata = events.GetProperty("metadata");
        Assert.Equal("app-service.events", metadata.GetProperty("queueName").GetString());
        Assert.Equal("quorum", metadata.GetProperty("queueType").GetString());
        Assert.Equal(["app.#", "device.created", "system.dead_letter"], metadata.GetProperty("routingKey")
            .GetString()!.Split(',').Order());
        var rule = events.GetProperty("routes").GetProperty("rules").EnumerateArray().Single();
        Assert.Equal("event.type == \"device.created\"", rule.GetProperty("match").GetString());
        Assert.Equal("events/device.created", rule.GetProperty("path").GetString());
        Assert.Equal("events/receipts", events.GetProperty("routes").GetProperty("default").GetString());
        var dead = subscriptions.Single(s => s.GetProperty("topic").GetString() == "cloudphone.apps.dlx");
        Assert.Equal("app-service.dlx", dead.GetProperty("metadata").GetProperty("queueName").GetString());
        Assert.Equal("#", dead.GetProperty("metadata").GetProperty("routingKey").GetString());
        Assert.Equal("true", dead.GetProperty("metadata").GetProperty("rawPayload").GetString());
    }

    [Fact]
    public async Task A_dead_letter_is_kept_with_its_error_told_and_replayed_in_place()
    {
        await _service.DeliverAsync(Event("poison"), "dead-1");
        using var sidecar = SidecarClient();
        var envelope = new
        {
            specversion = "1.0", id = "dead-1", type = DeviceCreated.EventName,
            source = "device-service", data = Event("healed")
        };
        (await sidecar.PostAsJsonAsync("/events/dead-letters", envelope, EventJson.Options)).EnsureSuccessStatusCode();
        var told = Assert.Single(await _service.PublishedAsync<SystemDeadLetter>());
        Assert.Equal(("app-service", "dead-1", DeviceCreated.EventName),
            (told.Service, told.FailedEventId, told.FailedEventName));
        Assert.Contains("the handler broke", told.Error, StringComparison.Ordinal);

        using var notifications = _service.AsService(AppIds.Notifications);
        for (var i = 0; i < 2; i++)
            Assert.Equal("replayed", await ReplayAsync(notifications, told.DeadLetterId));
        Assert.Equal("healed", Assert.Single(await NotesAsync()).Text);
        Assert.Equal("unknown", await ReplayAsync(notifications, Guid.CreateVersion7()));
    }

    [Fact]
    public async Task An_event_that_does_not_bind_is_kept_with_what_is_wrong_with_it()
    {
        using var sidecar = SidecarClient();
        var envelope = new
        {
            specversion = "1.0", id = "unbound", type = DeviceCreated.EventName, source = "device-service",
            data = new { deviceId = 5 },
        };
        Assert.Equal(HttpStatusCode.BadRequest,
            (await sidecar.PostAsJsonAsync($"/events/{DeviceCreated.EventName}", envelope)).StatusCode);
        (await sidecar.PostAsJsonAsync("/events/dead-letters", envelope)).EnsureSuccessStatusCode();

        var told = Assert.Single(await _service.PublishedAsync<SystemDeadLetter>());
        Assert.StartsWith(nameof(BadHttpRequestException), told.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_own_event_counts_as_come_back_although_it_does_not_bind()
    {
        var id = Guid.CreateVersion7();
        await _service.InDatabaseAsync(async db =>
        {
            db.Outbox.Add(new()
            {
                Id = id, Type = DeviceCreated.EventName, Payload = "{}",
                SentAt = DateTimeOffset.UtcNow, ConfirmBy = DateTimeOffset.UtcNow.AddHours(1),
            });
            return await db.SaveChangesAsync();
        });
        using var sidecar = SidecarClient();
        await sidecar.PostAsJsonAsync($"/events/{DeviceCreated.EventName}",
            new { id, type = DeviceCreated.EventName, source = "app-service", data = new { deviceId = 5 } });
        await Wait.UntilAsync("the receipt",
            () => _service.InDatabaseAsync(db => db.Outbox.AllAsync(m => m.ConfirmedAt != null)));
    }

    [Fact]
    public async Task A_replay_that_fails_says_why_and_keeps_the_letter()
    {
        using var sidecar = SidecarClient();
        var envelope = new
        {
            specversion = "1.0", id = "dead-2", type = DeviceCreated.EventName,
            source = "device-service", data = Event("poison")
        };
        (await sidecar.PostAsJsonAsync("/events/dead-letters", envelope, EventJson.Options)).EnsureSuccessStatusCode();
        var told = Assert.Single(await _service.PublishedAsync<SystemDeadLetter>());
        using var notifications = _service.AsService(AppIds.Notifications);
        Assert.Equal("failed", await ReplayAsync(notifications, told.DeadLetterId));
        Assert.Null(await _service.InDatabaseAsync(db => db.DeadLetters.Select(d => d.ReplayedAt).SingleAsync()));
    }

    [Fact]
    public async Task What_is_committed_is_published_with_its_trace_and_confirmed_when_it_comes_back()
    {
        await using var sidecar = await FakePublishApi.StartAsync();
        await using var service = new TestService<NotesDb>(
            ("DAPR_HTTP_PORT", $"{sidecar.Port}"), ("DAPR_API_TOKEN", "in"));
        using var client = service.As(_user);
        client.DefaultRequestHeaders.Add("X-Request-ID", "request-7");
        sidecar.Failures = 2;
        (await client.PostAsJsonAsync("/api/notes", new NewNote("n", 1))).EnsureSuccessStatusCode();
        await Wait.UntilAsync("the event is sent", () => !sidecar.Entries.IsEmpty);
        var entry = Assert.Single(sidecar.Entries);
        var metadata = entry.GetProperty("metadata");
        Assert.Equal("app.installed", metadata.GetProperty("routingKey").GetString());
        Assert.Equal("app.installed", metadata.GetProperty("cloudevent.type").GetString());
        Assert.Equal("cloudphone=request-7", metadata.GetProperty("cloudevent.tracestate").GetString());
        Assert.Equal(metadata.GetProperty("cloudevent.traceid")
            .GetString(), metadata.GetProperty("cloudevent.traceparent").GetString());
        Assert.Equal("note", entry.GetProperty("event").GetProperty("appName").GetString());

        using var deliver = service.Anonymous();
        deliver.DefaultRequestHeaders.Add("dapr-api-token", TestService<NotesDb>.SidecarToken);
        var id = metadata.GetProperty("cloudevent.id").GetString();
        (await deliver.PostAsJsonAsync("/events/receipts",
            new { id, type = "app.installed", source = "app-service", data = new { } })).EnsureSuccessStatusCode();
        await Wait.UntilAsync(
            "the receipt", () => service.InDatabaseAsync(db => db.Outbox.AllAsync(m => m.ConfirmedAt != null)));
    }

    [Fact]
    public async Task A_receipt_of_a_sending_that_failed_does_not_count()
    {
        await using var sidecar = await FakePublishApi.StartAsync();
        await using var service = new TestService<NotesDb>(
            ("DAPR_HTTP_PORT", $"{sidecar.Port}"), ("DAPR_API_TOKEN", "in"));
        await service.InDatabaseAsync(async db =>
        {
            db.Outbox.Add(new()
            {
                Id = Guid.CreateVersion7(), Type = AppInstalled.EventName, Payload = "{}",
                ConfirmedAt = DateTimeOffset.UnixEpoch, // it came back to this service's own queue, maybe to no other
            });
            return await db.SaveChangesAsync();
        });
        await Wait.UntilAsync("the event is sent again", () => !sidecar.Entries.IsEmpty);
        Assert.Null(await service.InDatabaseAsync(db => db.Outbox.Select(m => m.ConfirmedAt).SingleAsync()));
    }

    HttpClient SidecarClient()
    {
        var client = _service.Anonymous();
        client.DefaultRequestHeaders.Add("dapr-api-token", TestService<NotesDb>.SidecarToken);
        return client;
    }

    static async Task<string> ReplayAsync(HttpClient client, Guid id)
    {
        var answer = await client.PostAsJsonAsync("/internal/dead-letters/replay", new ReplayRequest(id));
        return (await answer.Content.ReadFromJsonAsync<ReplayResult>())!.Outcome;
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    /// <summary>
    /// The bulk publish route of a sidecar, as a server of its own: it refuses as often as it is told, then keeps.
    /// </summary>
    sealed class FakePublishApi(WebApplication web) : IAsyncDisposable
    {
        public ConcurrentQueue<JsonElement> Entries { get; } = new();
        public int Failures;
        public int Port => new Uri(web.Urls.First()).Port;

        public static async Task<FakePublishApi> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var web = builder.Build();
            var api = new FakePublishApi(web);
            web.MapPost("/v1.0/publish/bulk/pubsub/cloudphone.events", async (HttpRequest request) =>
            {
                if (request.Headers["dapr-api-token"] != "in")
                    return Results.Unauthorized();
                if (Interlocked.Decrement(ref api.Failures) >= 0)
                    return Results.Json(
                        new { errorCode = "ERR_PUBSUB_PUBLISH_MESSAGE", message = "broker away" }, statusCode: 500);
                foreach (var entry in (await request.ReadFromJsonAsync<JsonElement>()).EnumerateArray())
                    api.Entries.Enqueue(entry);
                return Results.NoContent();
            });
            await web.StartAsync();
            return api;
        }

        public ValueTask DisposeAsync() => web.DisposeAsync();
    }
}
