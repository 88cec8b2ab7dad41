using System.Net.Http.Json;
using CloudPhone.SampleService;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Shared.Tests.Work;

/// <summary>What every worker of due rows guarantees, in SampleService, once and twice on one database.</summary>
public sealed class DueWorkerTests : IAsyncLifetime
{
    readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("cloudphone-test-");
    ChoreServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ChoreServer.StartAsync();

    (string, string)[] Settings(string replica, int leaseSeconds) =>
    [
        ("CLOUDPHONE_DATA", _data.FullName), ("CHORE_URL", _server.Url), ("REPLICA", replica),
        ("CHORE_LEASE_SECONDS", $"{leaseSeconds}"),
    ];

    TestService<NotesDb> Start(string replica = "one", int leaseSeconds = 30) => new(Settings(replica, leaseSeconds));

    static async Task AddAsync(
        TestService<NotesDb> service, string name, double inSeconds = 0, string? requestId = null)
    {
        using var client = service.As(Guid.CreateVersion7());
        if (requestId is not null)
            client.DefaultRequestHeaders.Add("X-Request-ID", requestId);
        (await client.PostAsJsonAsync("/api/chores", new NewChore(name, inSeconds))).EnsureSuccessStatusCode();
    }

    static Task<Chore> FindAsync(TestService<NotesDb> service, string name) =>
        service.InDatabaseAsync(db => db.Set<Chore>().AsNoTracking().SingleAsync(c => c.Name == name));

    static Task DoneAsync(TestService<NotesDb> service, string name) => Wait.UntilAsync(
        $"{name} to be done", async () => await FindAsync(service, name) is { DoneBy: not null, NextAttemptAt: null });

    [Fact]
    public async Task Two_replicas_share_the_work_and_no_row_is_in_two_hands()
    {
        await using TestService<NotesDb> one = Start("one"), two = Start("two");
        await AddAsync(two, "first"); // both run now
        foreach (var i in Enumerable.Range(0, 40))
            await AddAsync(i % 2 == 0 ? one : two, $"chore-{i}");
        await Wait.UntilAsync("all to be done", () => one.InDatabaseAsync(
            db => db.Set<Chore>().AllAsync(c => c.NextAttemptAt == null && c.DoneBy != null)), 60);
        Assert.Empty(_server.Collisions);
        Assert.Equal(41, _server.Calls.Count);
        Assert.Equal(41, _server.Calls.Select(c => c.Name).Distinct().Count());
        Assert.Equal(["one", "two"], _server.Calls.Select(c => c.Replica).Distinct().Order());
    }

    [Fact]
    public async Task A_lease_is_renewed_for_as_long_as_the_work_runs()
    {
        await using TestService<NotesDb> one = Start("one", 2), two = Start("two", 2);
        _server.Hold("long");
        await AddAsync(one, "long");
        await AddAsync(two, "other");
        await Wait.UntilAsync("it to be in hand", () => _server.CallsOf("long") == 1);
        var until = (await FindAsync(one, "long")).NextAttemptAt;
        await Wait.UntilAsync("four leases", async () =>
            (await FindAsync(one, "long")).NextAttemptAt > until + TimeSpan.FromSeconds(8));
        _server.Release("long");
        await DoneAsync(one, "long");
        Assert.Equal(1, _server.CallsOf("long"));
    }

    [Fact]
    public async Task What_a_killed_process_had_in_hand_comes_back_within_the_lease()
    {
        await using var one = Start("one", 3);
        await using (var killed = ServiceProcess.Start<NotesDb>([.. one.Settings, ("REPLICA", "killed")]))
        {
            using var client = new HttpClient { BaseAddress = await killed.AddressAsync() };
            client.DefaultRequestHeaders.Authorization = new(
                "Bearer", one.Tokens.User(Guid.CreateVersion7(), ["user"]));
            _server.Hold("half-done");
            (await client.PostAsJsonAsync("/api/chores", new NewChore("half-done", 0))).EnsureSuccessStatusCode();
            await Wait.UntilAsync("it to be in hand", () => !_server.Calls.IsEmpty);
            await killed.KillAsync();
        }
        _server.Release("half-done");
        await DoneAsync(one, "half-done");
        Assert.Equal("one", (await FindAsync(one, "half-done")).DoneBy);
        Assert.Equal(["killed", "one"], _server.Calls.Select(c => c.Replica));
    }

    [Fact]
    public async Task A_row_that_fails_rests_and_holds_up_no_other()
    {
        await using var service = Start();
        foreach (var name in new[] { "poison", "unsavable" })
        {
            // alone, so that nothing else wakes the worker: long before the sweep of 30 s
            await AddAsync(service, name);
            await Wait.UntilAsync("three tries", async () => (await FindAsync(service, name)).Attempts >= 3);
            Assert.Null((await FindAsync(service, name)).DoneBy);
        }
        await AddAsync(service, "good");
        await DoneAsync(service, "good");
        Assert.Equal(0, await service.InDatabaseAsync(db => db.Set<Note>().CountAsync()));
    }

    [Fact]
    public async Task It_works_in_the_name_of_the_request_that_caused_it()
    {
        await using var service = Start();
        await AddAsync(service, "caused", requestId: "request-7");
        await DoneAsync(service, "caused");
        var call = Assert.Single(_server.Calls);
        Assert.Equal("request-7", call.RequestId);
        var trace = (await FindAsync(service, "caused")).TraceParent!.Split('-')[1];
        Assert.Equal(trace, call.TraceParent.Split('-')[1]);
    }

    [Fact]
    public async Task What_is_in_hand_at_shutdown_is_given_back_at_once()
    {
        _server.Hold("given-back");
        await using (var one = Start("one"))
        {
            await AddAsync(one, "given-back");
            await Wait.UntilAsync("it to be in hand", () => _server.CallsOf("given-back") == 1);
        }
        _server.Release("given-back");
        await using var two = Start("two");
        await DoneAsync(two, "given-back"); // long before the lease of 30 s would be over
        var chore = await FindAsync(two, "given-back");
        Assert.Equal((1, "two"), (chore.Attempts, chore.DoneBy));
    }

    [Fact]
    public async Task What_was_settled_meanwhile_by_another_stays_as_it_is()
    {
        await using var service = Start();
        _server.Hold("called-off");
        await AddAsync(service, "called-off");
        await Wait.UntilAsync("it to be in hand", () => _server.CallsOf("called-off") == 1);
        await service.InDatabaseAsync(db => db.Set<Chore>().ExecuteUpdateAsync(
            s => s.SetProperty(c => c.NextAttemptAt, (DateTimeOffset?)null)));
        _server.Release("called-off");
        await AddAsync(service, "next");
        await DoneAsync(service, "next");
        Assert.Null((await FindAsync(service, "called-off")).DoneBy);
    }

    [Fact]
    public async Task It_is_done_when_it_is_due_though_nobody_wakes_the_worker()
    {
        await using var service = Start();
        await AddAsync(service, "soon", inSeconds: 1.5);
        Assert.Equal(0, _server.CallsOf("soon"));
        await DoneAsync(service, "soon"); // long before the sweep of 30 s
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
