using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Notifications.DeadLetters;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Testing;
using Microsoft.AspNetCore.Builder;

namespace CloudPhone.Notifications.Tests.DeadLetters;

public sealed class DeadLetterTests : IAsyncDisposable
{
    readonly List<IAsyncDisposable> _parts = [];
    readonly List<Guid> _asked = [];
    ReplayResult _answer = new("replayed");

    [Fact]
    public async Task Operators_see_them_filtered_and_paged()
    {
        var service = await StartAsync();
        for (var i = 0; i < 3; i++)
            await service.TakesAsync(Letter(AppIds.Billing));
        await service.TakesAsync(Letter(AppIds.Apps));
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        var first = await ListAsync(op, "limit=2&service=billing-service");
        Assert.Equal(2, first.Items.Count);
        Assert.Single((await ListAsync(op, $"limit=2&service=billing-service&cursor={first.NextCursor}")).Items);
        Assert.Equal(4, (await ListAsync(op, "replayed=false")).Items.Count);
        Assert.Empty((await ListAsync(op, "replayed=true")).Items);
        Assert.Equal(("device.started", "it broke"), first.Items[0] is var l ? (l.EventName, l.Error) : default);
    }

    [Fact]
    public async Task A_replay_is_done_by_the_owner_and_noted()
    {
        var service = await StartAsync();
        var letter = Letter(AppIds.Billing);
        await service.TakesAsync(letter);
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        using var answer = await op.PostAsync(Replay(letter), null);
        var item = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<DeadLetterItem>())!;
        Assert.Equal([letter.DeadLetterId], _asked);
        Assert.True(item.ReplayedAt is not null && item.ReplayedBy!.StartsWith("user-", StringComparison.Ordinal));
        Assert.Equal(item, Assert.Single((await ListAsync(op, "replayed=true")).Items));
    }

    [Fact]
    public async Task One_that_fails_again_waits_on_and_can_be_replayed_again()
    {
        var service = await StartAsync();
        var letter = Letter(AppIds.Billing);
        await service.TakesAsync(letter);
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        _answer = new("failed", "still broken");
        await (await op.PostAsync(Replay(letter), null)).AssertProblemAsync(409, "replay-failed");
        _answer = new("unknown");
        await (await op.PostAsync(Replay(letter), null)).AssertProblemAsync(409, "unknown-dead-letter");
        Assert.Null(Assert.Single((await ListAsync(op)).Items).ReplayedAt);
        _answer = new("replayed");
        Assert.Equal(HttpStatusCode.OK, (await op.PostAsync(Replay(letter), null)).StatusCode);

        await service.TakesAsync(letter with { FailedAt = Samples.At.AddHours(-1), Error = "old" });
        Assert.Equal("it broke", Assert.Single((await ListAsync(op)).Items).Error);
        await service.TakesAsync(letter with { FailedAt = DateTimeOffset.UtcNow.AddMinutes(1), Error = "again" });
        var item = Assert.Single((await ListAsync(op)).Items);
        Assert.Equal(("again", null), (item.Error, item.ReplayedAt));
    }

    [Fact]
    public async Task An_owner_that_is_away_is_a_bad_gateway()
    {
        var service = await StartAsync();
        var letter = Letter(AppIds.Media); // has no address
        await service.TakesAsync(letter);
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        await (await op.PostAsync(Replay(letter), null)).AssertProblemAsync(502, "service-unreachable");
        var odd = Letter("evil.example.com");
        await service.TakesAsync(odd);
        await (await op.PostAsync(Replay(odd), null)).AssertProblemAsync(409, "unknown-service");
    }

    [Fact]
    public async Task Its_own_are_replayed_too()
    {
        await using var service = new TestService<NotificationsDb>();
        using var anonymous = service.Anonymous();
        await using var again = new TestService<NotificationsDb>((
            "NOTIFICATION_SERVICE_URL", service.ClientOptions.BaseAddress.ToString()));
        var letter = Letter(AppIds.Notifications);
        await again.TakesAsync(letter);
        using var op = again.As(Guid.CreateVersion7(), Roles.Operator);
        await (await op.PostAsync(Replay(letter), null)).AssertProblemAsync(409, "unknown-dead-letter");
    }

    [Fact]
    public async Task A_discarded_one_is_off_the_list_until_it_fails_again()
    {
        var service = await StartAsync();
        var letter = Letter(AppIds.Billing);
        await service.TakesAsync(letter);
        using var op = service.As(Guid.CreateVersion7(), Roles.Admin);
        Assert.Equal(HttpStatusCode.NoContent, (await op.DeleteAsync(Path(letter))).StatusCode);
        Assert.Empty((await ListAsync(op)).Items);
        await (await op.DeleteAsync(Path(letter))).AssertProblemAsync(404, "not-found");
        await (await op.PostAsync(Replay(letter), null)).AssertProblemAsync(404, "not-found");
        await service.TakesAsync(letter with { FailedAt = DateTimeOffset.UtcNow.AddMinutes(1) });
        Assert.Single((await ListAsync(op)).Items);
    }

    [Fact]
    public async Task Users_have_no_business_here()
    {
        var service = await StartAsync();
        var letter = Letter(AppIds.Billing);
        await service.TakesAsync(letter);
        using var user = service.As(Guid.CreateVersion7());
        Assert.Equal(HttpStatusCode.Forbidden, (await user.GetAsync("/api/notifications/dead-letters")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.PostAsync(Replay(letter), null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await user.DeleteAsync(Path(letter))).StatusCode);
        Assert.Empty(_asked);
    }

    static SystemDeadLetter Letter(string service) => new(
        Guid.CreateVersion7(), service, Guid.CreateVersion7().ToString(), "device.started", "it broke", Samples.At);

    static string Path(SystemDeadLetter letter) => $"/api/notifications/dead-letters/{letter.DeadLetterId}";

    static string Replay(SystemDeadLetter letter) => $"{Path(letter)}/replay";

    static async Task<Page<DeadLetterItem>> ListAsync(HttpClient client, string query = "") =>
        (await client.GetFromJsonAsync<Page<DeadLetterItem>>($"/api/notifications/dead-letters?{query}"))!;

    /// <summary>The service, with a stand-in for the billing service that answers as told.</summary>
    async Task<TestService<NotificationsDb>> StartAsync()
    {
        var billing = await StandIn.StartAsync(app =>
            app.MapPost("/internal/dead-letters/replay", (ReplayRequest request) =>
        {
            _asked.Add(request.Id);
            return _answer;
        }));
        var service = new TestService<NotificationsDb>(("BILLING_SERVICE_URL", billing.Address));
        _parts.AddRange([service, billing]);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
            await part.DisposeAsync();
    }
}
