using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.SampleService;
using CloudPhone.Shared.Messaging;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Shared.Tests;

/// <summary>What is kept and told of messages that end in a service's dead letters.</summary>
public sealed class DeadLetterTests : IAsyncDisposable
{
    readonly TestService<NotesDb> _service = new();
    readonly HttpClient _sidecar;

    public DeadLetterTests()
    {
        _sidecar = _service.Anonymous();
        _sidecar.DefaultRequestHeaders.Add("dapr-api-token", TestService<NotesDb>.SidecarToken);
    }

    static DeviceCreated Event(string name) => new(
        Guid.CreateVersion7(), Guid.Empty, name, "phone", 1, 1, Guid.Empty, DateTimeOffset.UnixEpoch, 1);

    /// <summary>As a raw subscription is given it.</summary>
    static StringContent Wrapped(ReadOnlySpan<byte> message) => new(JsonSerializer.Serialize(new
    {
        specversion = "1.0", id = Guid.NewGuid(), type = "com.dapr.event.sent", source = "Dapr",
        datacontenttype = "application/octet-stream", data_base64 = Convert.ToBase64String(message),
    }));

    Task DieAsync(string id) => DieAsync(id, DeviceCreated.EventName, AppIds.Devices);

    async Task DieAsync(string id, string type, string source) =>
        (await _sidecar.PostAsync("/events/dead-letters", Wrapped(JsonSerializer.SerializeToUtf8Bytes(
            new { specversion = "1.0", id, type, source, data = Event("kept") }, EventJson.Options))))
            .EnsureSuccessStatusCode();

    Task<IReadOnlyList<SystemDeadLetter>> ToldAsync() => _service.PublishedAsync<SystemDeadLetter>();

    [Fact]
    public async Task A_message_that_comes_twice_is_told_once_and_again_when_it_was_tried_again()
    {
        await _service.DeliverAsync(Event("poison"), "twice");
        await DieAsync("twice");
        await DieAsync("twice");
        Assert.Single(await ToldAsync());

        await _service.DeliverAsync(Event("poison"), "twice");
        await DieAsync("twice");
        var told = await ToldAsync();
        Assert.Equal(2, told.Count);
        Assert.Single(told.Select(t => t.DeadLetterId).Distinct());
    }

    [Fact]
    public async Task A_double_of_an_event_that_was_handled_is_no_dead_letter()
    {
        await _service.DeliverAsync(Event("handled"), "handled");
        await DieAsync("handled");
        Assert.Empty(await ToldAsync());
        Assert.Empty(await _service.InDatabaseAsync(db => db.DeadLetters.ToListAsync()));
    }

    [Fact]
    public async Task A_delivery_that_comes_again_after_the_replay_leaves_it_replayed()
    {
        await DieAsync("replayed");
        using var notifications = _service.AsService(AppIds.Notifications);
        var request = new ReplayRequest(Assert.Single(await ToldAsync()).DeadLetterId);
        (await notifications.PostAsJsonAsync("/internal/dead-letters/replay", request)).EnsureSuccessStatusCode();
        await DieAsync("replayed");
        Assert.Single(await ToldAsync());
        Assert.NotNull(await _service.InDatabaseAsync(db => db.DeadLetters.Select(d => d.ReplayedAt).SingleAsync()));
    }

    [Fact]
    public async Task An_own_event_without_a_handler_here_that_waited_too_long_is_only_a_receipt()
    {
        await _service.InDatabaseAsync(async db =>
        {
            db.Outbox.Add(new()
            {
                Id = Guid.CreateVersion7(), Type = AppInstalled.EventName, Payload = "{}",
                SentAt = DateTimeOffset.UtcNow, ConfirmBy = DateTimeOffset.UtcNow.AddHours(1),
            });
            return await db.SaveChangesAsync();
        });
        var id = await _service.InDatabaseAsync(db => db.Outbox.Select(m => m.Id).SingleAsync());
        await DieAsync($"{id}", AppInstalled.EventName, AppIds.Apps);
        await Wait.UntilAsync("the receipt",
            () => _service.InDatabaseAsync(db => db.Outbox.AllAsync(m => m.ConfirmedAt != null)));
        Assert.Empty(await ToldAsync());
        Assert.Empty(await _service.InDatabaseAsync(db => db.DeadLetters.ToListAsync()));
    }

    [Fact]
    public async Task The_same_message_much_later_is_told_again()
    {
        for (var i = 0; i < 2; i++)
        {
            (await _sidecar.PostAsync("/events/dead-letters", Wrapped("again"u8))).EnsureSuccessStatusCode();
            await _service.InDatabaseAsync(db => db.DeadLetters.ExecuteUpdateAsync(
                s => s.SetProperty(d => d.FailedAt, DateTimeOffset.UtcNow.AddHours(-1))));
        }
        Assert.Equal(2, (await ToldAsync()).Count);
    }

    [Fact]
    public async Task An_event_of_others_that_only_another_version_handles_is_kept()
    {
        await DieAsync("newer", "device.renamed", AppIds.Devices);
        Assert.Equal("device.renamed", Assert.Single(await ToldAsync()).FailedEventName);
    }

    [Fact]
    public async Task A_message_that_is_too_large_for_a_handler_is_kept()
    {
        (await _sidecar.PostAsync("/events/dead-letters", Wrapped(new byte[2 << 20]))).EnsureSuccessStatusCode();
        Assert.Single(await ToldAsync());
    }

    [Fact]
    public async Task What_is_no_CloudEvent_is_kept_once_by_its_content()
    {
        const string NoUnicode = """{"id":"\ud800","type":"x","data":1}""";
        foreach (var text in new[] { "one", "two", "one", "[1]", "{}", NoUnicode })
            (await _sidecar.PostAsync("/events/dead-letters", Wrapped(Encoding.UTF8.GetBytes(text))))
                .EnsureSuccessStatusCode();
        (await _sidecar.PostAsync("/events/dead-letters", Wrapped([0, 0xFF, 1]))).EnsureSuccessStatusCode();
        Assert.Equal(6, (await ToldAsync()).Count(t => t.FailedEventName == "unknown"));
        var kept = await _service.InDatabaseAsync(db => db.DeadLetters.Select(d => d.Envelope).ToListAsync());
        Assert.Equal(["[1]", "one", "two", NoUnicode, "{}", "\uFFFD\uFFFD\u0001"], kept.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_handler_that_was_given_up_on_is_said_to_have_taken_too_long()
    {
        using var patience = new CancellationTokenSource();
        var delivery = _sidecar.PostAsJsonAsync($"/events/{DeviceCreated.EventName}", new
        {
            id = "slow", type = DeviceCreated.EventName, source = AppIds.Devices, data = Event(Poison.Slow),
        }, EventJson.Options, patience.Token);
        await Poison.SlowBegan.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivery);
        await Wait.UntilAsync("the note of it",
            () => _service.InDatabaseAsync(db => db.HandlerFailures.AnyAsync(f => f.EventId == "slow")));
        await DieAsync("slow");
        Assert.StartsWith("TimeoutException: It was given up after ", Assert.Single(await ToldAsync()).Error,
            StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        _sidecar.Dispose();
        return _service.DisposeAsync();
    }
}
