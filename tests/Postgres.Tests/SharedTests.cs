using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.SampleService;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Postgres.Tests;

/// <summary>Outbox, inbox, dead letters, idempotency keys and pages, in the smallest service there is.</summary>
public sealed class SharedTests(Server server)
{
    readonly Guid _user = Guid.CreateVersion7();

    Task<TestService<NotesDb>> StartAsync(params (string Name, string Value)[] settings) =>
        server.StartAsync<NotesDb>(settings);

    DeviceCreated Event(string name = "one") => new(
        Guid.CreateVersion7(), _user, name, "phone", 1, 1, Guid.CreateVersion7(), DateTimeOffset.UtcNow, 1);

    [Fact]
    public async Task A_delivery_that_comes_ten_times_at_once_takes_effect_once_with_its_own_event()
    {
        await using var service = await StartAsync();
        var e = Event();
        var answers = await Http.AtOnceAsync(10, _ => service.DeliverAsync(e, "the-same-id"));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        using var client = service.As(_user);
        Assert.Single(await client.ItemsAsync("/api/notes"));
        Assert.Single(await service.PublishedAsync<AppInstalled>());
    }

    [Fact]
    public async Task A_failing_handler_leaves_a_dead_letter_that_is_replayed()
    {
        await using var service = await StartAsync();
        await service.DeliverAsync(Event("poison"), "dead").JsonAsync(500);
        var letter = new { id = "dead", type = DeviceCreated.EventName, source = "s", data = Event("healed") };
        await DeadLetterAsync(service, JsonContent.Create(letter, options: EventJson.Options));
        var told = Assert.Single(await service.PublishedAsync<SystemDeadLetter>());
        Assert.Contains("the handler broke", told.Error, StringComparison.Ordinal);
        using var sibling = service.AsService(AppIds.Notifications);
        var replayed = await sibling.PostAsJsonAsync(
            "/internal/dead-letters/replay", new { id = told.DeadLetterId }).JsonAsync();
        Assert.Equal("replayed", replayed.Text("outcome"));
        using var client = service.As(_user);
        Assert.Equal("healed", Assert.Single(await client.ItemsAsync("/api/notes")).Text("text"));
    }

    [Fact]
    public async Task Dead_letters_are_kept_whatever_bytes_they_are_and_however_long_their_error_is()
    {
        await using var service = await StartAsync();
        await DeadLetterAsync(service, new StringContent("no json \0 at all"));
        await service.InDatabaseAsync(async db =>
        {
            db.HandlerFailures.Add(new() { EventId = "long", Error = new('x', 2000), FailedAt = DateTimeOffset.Now });
            return await db.SaveChangesAsync();
        });
        await DeadLetterAsync(service, JsonContent.Create(new { id = "long", type = DeviceCreated.EventName, data = 1 }));
        Assert.Equal(2, await service.InDatabaseAsync(db => db.DeadLetters.CountAsync()));
    }

    [Fact]
    public async Task One_idempotency_key_twenty_times_at_once_makes_one()
    {
        await using var service = await StartAsync();
        using var client = service.As(_user);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "k");
        var answers = await Http.AtOnceAsync(20, _ => client.PostAsJsonAsync("/api/notes", new NewNote("n", 1)));
        Assert.All(answers, a =>
            Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict, $"{a.StatusCode}"));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.Created);
        var repeated = await client.PostAsJsonAsync("/api/notes", new NewNote("n", 1));
        Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
        Assert.Equal("true", repeated.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Single(await client.ItemsAsync("/api/notes"));
    }

    [Fact]
    public async Task Pages_are_newest_first_and_without_gaps()
    {
        await using var service = await StartAsync();
        using var client = service.As(_user);
        var made = new List<string>(); // two of one millisecond are in any order
        for (var i = 0; i < 25; i++)
            made.Add((await client.PostAsJsonAsync("/api/notes", new NewNote($"{i}", 1)).JsonAsync(201)).Text("id"));
        var seen = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await client.GetAsync($"/api/notes?limit=10&cursor={cursor}").JsonAsync();
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(n => n.Text("id")));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        Assert.Equal(made.OrderDescending(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task Text_that_the_database_can_not_keep_is_a_bad_request()
    {
        await using var service = await StartAsync();
        using var client = service.As(_user);
        var problem = await client.PostAsJsonAsync("/api/notes", new NewNote("a\0b", 1)).JsonAsync(400);
        Assert.Equal("bad-request", problem.Text("type"));
        Assert.Empty(await client.ItemsAsync("/api/notes"));
    }

    [Fact]
    public async Task Times_of_any_offset_are_kept_as_instants()
    {
        await using var service = await StartAsync();
        var at = new DateTimeOffset(2026, 11, 23, 20, 0, 0, TimeSpan.FromHours(8));
        await service.InDatabaseAsync(async db =>
        {
            db.Add(new Note { Id = Guid.CreateVersion7(), UserId = _user, Text = "there", CreatedAt = at });
            return await db.SaveChangesAsync();
        });
        var found = await service.InDatabaseAsync(db =>
            db.Set<Note>().Where(n => n.CreatedAt >= at).Select(n => n.CreatedAt).SingleAsync());
        Assert.Equal((at, TimeSpan.Zero), (found, found.Offset));
    }

    static async Task DeadLetterAsync(TestService<NotesDb> service, HttpContent body)
    {
        using var sidecar = service.Anonymous();
        sidecar.DefaultRequestHeaders.Add("dapr-api-token", TestService<NotesDb>.SidecarToken);
        await sidecar.PostAsync("/events/dead-letters", body).JsonAsync();
    }
}
