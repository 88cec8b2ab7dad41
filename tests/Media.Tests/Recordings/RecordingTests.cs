using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Media.Recordings;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.Tests.Sessions;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CloudPhone.Media.Tests.Recordings;

/// <summary>Sessions are recorded, and films kept, by whoever may.</summary>
public sealed class RecordingTests
{
    const string All = "/api/media/recordings";

    [Fact]
    public async Task A_session_is_recorded_stopped_downloaded_and_deleted()
    {
        await using var watched = await WatchedService.StartAsync();
        using var owner = watched.Service.As(watched.Devices.Owner);
        var session = await watched.OpenAsync();
        await using var socket = await watched.SocketAsync(session);
        await socket.PlaysAsync();
        var begun = await BeginAsync(owner, session);
        var id = begun.GetProperty("id").GetGuid();
        Assert.Equal(id, (await BeginAsync(owner, session, HttpStatusCode.OK)).GetProperty("id").GetGuid());
        Assert.Equal("wrong-state", await WatchedService.ProblemAsync(
            await owner.GetAsync($"{All}/{id}/file"), HttpStatusCode.Conflict));
        await socket.SendAsync(new { type = "rotate" });
        await Wait.UntilAsync("some of it", async () =>
            (await GetAsync(owner, id)).GetProperty("seconds").GetDouble() > 2, 40);

        using var stop = await owner.PostAsync($"{All}/{id}/stop", null);
        var film = await stop.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("stopped", film.GetProperty("endReason").GetString());
        Assert.Equal($"{film}", $"{Assert.Single(await ItemsAsync(owner))}");
        var bytes = await owner.GetByteArrayAsync(film.GetProperty("file").GetString());
        Assert.Equal(film.GetProperty("bytes").GetInt64(), bytes.Length);
        var samples = Sample.Of(bytes);
        Assert.True(samples[0].IsKey);
        Assert.Equal(film.GetProperty("seconds").GetDouble(),
            (samples[^1].Time + samples[^1].Duration) / 90_000.0, 0.01);
        using var part = new HttpRequestMessage(HttpMethod.Get, film.GetProperty("file").GetString());
        part.Headers.Range = new RangeHeaderValue(4, 11);
        using var answer = await owner.SendAsync(part);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(bytes[4..12], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("video/mp4", answer.Content.Headers.ContentType?.MediaType);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{All}/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.DeleteAsync($"{All}/{id}")).StatusCode);
        Assert.Empty(Files(watched));
        await socket.SendAsync(new { type = "pictures", mode = "video" });
        await socket.SeesAsync();
    }

    [Fact]
    public async Task Only_whoever_watches_by_a_right_of_the_own_records_and_only_they_and_operators_see_it()
    {
        await using var watched = await WatchedService.StartAsync();
        using var owner = watched.Service.As(watched.Devices.Owner);
        using var stranger = watched.Service.As(Guid.CreateVersion7());
        using var operators = watched.Service.As(Guid.CreateVersion7(), Roles.Operator);
        var guest = await watched.OpenAsync(watched.Share("control"));
        var session = await watched.OpenAsync();
        foreach (var (who, what) in new[] { (owner, guest), (stranger, session), (operators, session) })
            Assert.Equal("not-found", await WatchedService.ProblemAsync(
                await PostAsync(who, what), HttpStatusCode.NotFound));
        using var nobody = watched.Service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(nobody, guest)).StatusCode);
        var id = (await BeginAsync(owner, session)).GetProperty("id").GetGuid();
        Assert.Empty(await ItemsAsync(stranger));
        Assert.Equal(id, Assert.Single(await ItemsAsync(operators)).GetProperty("id").GetGuid());
        foreach (var send in new Func<HttpClient, Task<HttpResponseMessage>>[]
        {
            c => c.GetAsync($"{All}/{id}"), c => c.GetAsync($"{All}/{id}/file"),
            c => c.PostAsync($"{All}/{id}/stop", null), c => c.DeleteAsync($"{All}/{id}"),
        })
            Assert.Equal("not-found", await WatchedService.ProblemAsync(await send(stranger), HttpStatusCode.NotFound));

        // an operator's own session at somebody's phone
        using var opened = await operators.PostAsJsonAsync(
            "/api/media/sessions", new { deviceId = watched.Devices.DeviceId });
        await BeginAsync(operators, await opened.Content.ReadFromJsonAsync<JsonElement>());
        Assert.Equal(id, Assert.Single(await ItemsAsync(owner)).GetProperty("id").GetGuid());
    }

    [Theory]
    [InlineData("session", "session-ended")]
    [InlineData("time", "too-long")]
    [InlineData("size", "too-large")]
    [InlineData("service", "service-stopped")]
    public async Task It_ends_by_itself(string by, string reason)
    {
        await using var watched = await WatchedService.StartAsync(
            ("MEDIA_RECORDING_SECONDS", by == "time" ? "2" : "60"), ("MEDIA_RECORDING_MEGABYTES", "1"));
        using var owner = watched.Service.As(watched.Devices.Owner);
        var session = await watched.OpenAsync();
        await using var socket = await watched.SocketAsync(session);
        await socket.PlaysAsync();
        var id = (await BeginAsync(owner, session)).GetProperty("id").GetGuid();
        await Wait.UntilAsync("its beginning", async () =>
            (await GetAsync(owner, id)).GetProperty("bytes").GetInt64() > 0);
        if (by == "session")
            (await owner.DeleteAsync($"/api/media/sessions/{session.GetProperty("sessionId").GetGuid()}")).Dispose();
        if (by == "service")
            watched.Service.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await using var next = by == "service" ? watched.Again() : null;
        using var other = next?.As(watched.Devices.Owner);
        await Wait.UntilAsync("its end", async () =>
        {
            if (by == "size")
                await socket.SendAsync(new { type = "rotate" });
            return (await GetAsync(other ?? owner, id)).GetProperty("endReason").GetString() == reason;
        }, 40);
        var film = await GetAsync(other ?? owner, id);
        Assert.NotEmpty(Sample.Of(await (other ?? owner).GetByteArrayAsync(film.GetProperty("file").GetString())));
        Assert.InRange(film.GetProperty("bytes").GetInt64(), 1, 1 << 20);
        if (by is "time" or "size")
        {
            await socket.SendAsync(new { type = "pictures", mode = "video" });
            await socket.SeesAsync(); // the session goes on
        }
    }

    [Fact]
    public async Task A_user_keeps_only_so_many()
    {
        await using var watched = await WatchedService.StartAsync(("MEDIA_RECORDINGS_PER_USER", "2"),
            ("MEDIA_RECORDING_MEGABYTES", "3"), ("MEDIA_RECORDINGS_MEGABYTES_PER_USER", "4"));
        using var owner = watched.Service.As(watched.Devices.Owner);
        await BeginAsync(owner, await watched.OpenAsync());
        await BeginAsync(owner, await watched.OpenAsync());
        Assert.Equal([3 << 20, 1 << 20], (await RowsAsync(watched)).Select(r => r.MaxBytes));
        Assert.Equal("too-many-recordings", await WatchedService.ProblemAsync(
            await PostAsync(owner, await watched.OpenAsync()), HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Two_at_once_do_not_both_take_what_is_left()
    {
        await using var watched = await WatchedService.StartAsync(("MEDIA_RECORDINGS_PER_USER", "3"));
        await using var other = watched.Again();
        var (here, there, owner) = (watched.Service.Services, other.Services, watched.Devices.Owner);
        async Task<bool> TakeAsync(IServiceProvider services)
        {
            await using var scope = services.CreateAsyncScope();
            var now = DateTimeOffset.UtcNow;
            var row = new Recording { Id = Guid.CreateVersion7(), UserId = owner, StartedAt = now, SeenAt = now };
            return await scope.ServiceProvider.GetRequiredService<RecordingBook>().BeginAsync(row, default);
        }
        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            i => Task.Run(() => TakeAsync(i % 2 == 0 ? here : there))));
        Assert.Equal(3, taken.Count(t => t));
        Assert.Equal(3, (await RowsAsync(watched)).Count);
    }

    [Fact]
    public async Task Nobody_waits_for_the_end_of_a_recording_of_another_session()
    {
        await using var watched = await WatchedService.StartAsync();
        using var owner = watched.Service.As(watched.Devices.Owner);
        var (first, second) = (await watched.OpenAsync(), await watched.OpenAsync());
        var turn = watched.Service.Services.GetRequiredService<LiveSessions>()
            .Find(first.GetProperty("sessionId").GetGuid())!.RecordingTurn;
        await turn.WaitAsync(); // as where a disk takes its time
        var waiting = PostAsync(owner, first);
        await BeginAsync(owner, second);
        Assert.False(waiting.IsCompleted);
        turn.Release();
        Assert.Equal(HttpStatusCode.Created, (await waiting).StatusCode);
    }

    [Fact]
    public async Task A_disk_is_not_filled_up()
    {
        const string Memory = "/dev/shm"; // a disk that nobody else fills
        const int Megabyte = 1 << 20;
        Assert.SkipUnless(Directory.Exists(Memory), "There is no disk in memory here.");
        var folder = Directory.CreateDirectory(Path.Combine(Memory, $"cloudphone-{Guid.NewGuid():N}")).FullName;
        try
        {
            var spared = (new DriveInfo(folder).AvailableFreeSpace / Megabyte) - 32;
            await using var watched = await WatchedService.StartAsync(
                ("MEDIA_RECORDINGS", folder), ("MEDIA_RECORDING_SPARED_MEGABYTES", $"{spared}"));
            using var owner = watched.Service.As(watched.Devices.Owner);
            var session = await watched.OpenAsync();
            var id = (await BeginAsync(owner, session)).GetProperty("id").GetGuid();
            await Wait.UntilAsync("its beginning", async () =>
                (await GetAsync(owner, id)).GetProperty("bytes").GetInt64() > 0);
            var other = Path.Combine(folder, "of somebody else");
            await File.WriteAllBytesAsync(other, new byte[64 * Megabyte]);
            await Wait.UntilAsync("its end", async () =>
                (await GetAsync(owner, id)).GetProperty("endReason").GetString() == "disk-full");
            Assert.NotEmpty(Sample.Of(await owner.GetByteArrayAsync($"{All}/{id}/file")));
            Assert.Equal("disk-full", await WatchedService.ProblemAsync(
                await PostAsync(owner, session), HttpStatusCode.InsufficientStorage));
            Assert.Single(await RowsAsync(watched));
            File.Delete(other);
            await BeginAsync(owner, session);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_a_process_that_died_left_is_kept_what_is_old_or_nobodys_is_not()
    {
        await using var watched = await WatchedService.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(watched.Service.DataFolder, "recordings")).FullName;
        var (now, owner) = (DateTimeOffset.UtcNow, watched.Devices.Owner);
        Recording Row(DateTimeOffset seen, DateTimeOffset? ended) => new()
        {
            Id = Guid.CreateVersion7(), UserId = owner, StartedAt = seen.AddSeconds(-9), SeenAt = seen, EndedAt = ended,
        };
        var (died, old, nobodys) = (Row(now.AddHours(-3), null), Row(now, now.AddDays(-31)), Row(now, now));
        foreach (var row in new[] { died, old, nobodys })
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{row.Id:N}.mp4"), new byte[5]);
        var unmovable = Row(now, now.AddDays(-32)); // what can't be deleted holds up nothing
        var stuck = Directory.CreateDirectory(Path.Combine(folder, $"{unmovable.Id:N}.mp4")).FullName;
        await watched.Service.InDatabaseAsync(db =>
        {
            db.AddRange(died, old, unmovable);
            return db.SaveChangesAsync();
        });
        foreach (var file in Files(watched))
            File.SetLastWriteTimeUtc(file, now.UtcDateTime.AddHours(-2));
        await using var next = watched.Again();
        using var client = next.As(owner);
        await Wait.UntilAsync("its end", async () => (await ItemsAsync(client)) is [var one]
            && one.GetProperty("endReason").GetString() == "service-stopped");
        var kept = Assert.Single(await ItemsAsync(client));
        Assert.Equal((5, 9.0), (kept.GetProperty("bytes").GetInt64(), kept.GetProperty("seconds").GetDouble()));
        await Wait.UntilAsync("the others to be gone",
            () => Files(watched) is [var file] && file.Contains($"{died.Id:N}"));
        Assert.True(Directory.Exists(stuck));
    }

    [Fact]
    public async Task Another_replica_ends_or_deletes_what_it_records_when_it_is_asked_here()
    {
        await using var watched = await WatchedService.StartAsync();
        using var owner = watched.Service.As(watched.Devices.Owner);
        var (first, second) = (await BeginAsync(owner, await watched.OpenAsync()),
            await BeginAsync(owner, await watched.OpenAsync()));
        await using var other = watched.Again();
        using var there = other.As(watched.Devices.Owner);
        (await there.PostAsync($"{All}/{first.GetProperty("id").GetGuid()}/stop", null)).EnsureSuccessStatusCode();
        (await there.DeleteAsync($"{All}/{second.GetProperty("id").GetGuid()}")).EnsureSuccessStatusCode();
        await Wait.UntilAsync("the end of one and the file of the other", async () =>
            (await ItemsAsync(owner)) is [var one] && one.GetProperty("endReason").GetString() == "stopped"
            && !Files(watched).Any(f => f.Contains($"{second.GetProperty("id").GetGuid():N}")), 20);
    }

    static string[] Files(WatchedService watched) =>
        Directory.GetFiles(Path.Combine(watched.Service.DataFolder, "recordings"));

    static Task<HttpResponseMessage> PostAsync(HttpClient client, JsonElement session) =>
        client.PostAsJsonAsync(All, new { sessionId = session.GetProperty("sessionId").GetGuid() });

    static async Task<JsonElement> BeginAsync(
        HttpClient client, JsonElement session, HttpStatusCode status = HttpStatusCode.Created)
    {
        using var answer = await PostAsync(client, session);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {json}");
        return json;
    }

    static Task<JsonElement> GetAsync(HttpClient client, Guid id) =>
        client.GetFromJsonAsync<JsonElement>($"{All}/{id}");

    static async Task<IReadOnlyList<JsonElement>> ItemsAsync(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonElement>(All)).GetProperty("items").EnumerateArray()];

    static Task<List<Recording>> RowsAsync(WatchedService watched) => watched.Service.InDatabaseAsync(
        db => Task.FromResult(((MediaDb)db).Recordings.OrderBy(r => r.Id).ToList()));
}
