using System.Net;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Quotas;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Quotas;

public sealed class ReconciliationTests : IAsyncLifetime
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    PhoneList _phones = null!;
    UserService _service = null!;
    QuotaClient _quota = null!;
    Guid _user;

    public async ValueTask InitializeAsync()
    {
        _phones = await PhoneList.StartAsync();
        _service = new(("DEVICE_SERVICE_URL", _phones.Address));
        _service.With(_clock);
        _user = (await _service.AddUserAsync()).Id;
        _quota = new(_service, _user);
    }

    /// <summary>As the device service makes them: the time is in it.</summary>
    Guid Phone(int minutesAgo = 30) => Guid.CreateVersion7(_clock.GetUtcNow().AddMinutes(-minutesAgo));

    async Task RunAsync()
    {
        await using var scope = _service.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Reconciliation>().RunAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_counted_phone_that_is_no_more_is_released_and_all_others_stay()
    {
        var (gone, there, young, reserved) = (Phone(), Phone(), Phone(19), Phone());
        foreach (var phone in new[] { gone, there, young })
            await _quota.ReportAsync(phone, "increment");
        await _quota.ReserveAsync(reserved);
        _phones.Add(there, _user);
        await RunAsync();
        Assert.Equal(new QuotaUsage(3, 6, 12), await _quota.UsageAsync());
        await _quota.ReportAsync(gone, "increment"); // late
        await RunAsync();
        Assert.Equal(new QuotaUsage(3, 6, 12), await _quota.UsageAsync());
        Assert.Equal(new QuotaUsage(2, 4, 8), await _quota.ReportAsync(there, "decrement"));
    }

    [Fact]
    public async Task A_phone_that_is_there_is_counted_whatever_its_holding_said_even_beyond_the_limits()
    {
        var (unknown, reserved, expired, released) = (Phone(), Phone(), Phone(), Phone());
        await _quota.ReserveAsync(expired, 8, 8);
        await _quota.ReportAsync(released, "increment");
        await _quota.ReportAsync(released, "decrement");
        _clock.Advance(TimeSpan.FromMinutes(21));
        await _quota.ReserveAsync(reserved);
        _phones.Add(unknown, _user, 16, 30);
        _phones.Add(reserved, _user);
        _phones.Add(expired, _user, 8, 8);
        _phones.Add(released, _user);
        for (var i = 0; i < 2; i++)
        {
            await RunAsync();
            Assert.Equal(new QuotaUsage(4, 28, 46), await _quota.UsageAsync());
        }
        _clock.Advance(TimeSpan.FromMinutes(16)); // no reservation is left that could end
        Assert.Equal(new QuotaUsage(4, 28, 46), await _quota.UsageAsync());
        foreach (var phone in new[] { unknown, reserved, expired, released })
            await _quota.ReportAsync(phone, "decrement");
        Assert.Equal(new QuotaUsage(0, 0, 0), await _quota.UsageAsync());
    }

    [Fact]
    public async Task What_is_on_its_way_is_left_alone()
    {
        var (young, creating, deleted) = (Phone(19), Phone(), Phone());
        _phones.Add(young, _user);
        _phones.Add(creating, _user, isCounted: false);
        await _quota.ReportAsync(deleted, "increment");
        await _quota.ReportAsync(deleted, "decrement");
        _phones.Add(deleted, _user); // as it was a moment ago
        await RunAsync();
        Assert.Equal(new QuotaUsage(0, 0, 0), await _quota.UsageAsync());
    }

    [Fact]
    public async Task A_wrong_size_is_put_right()
    {
        var (counted, reserved) = (Phone(), Phone());
        await _quota.ReportAsync(counted, "increment", 2, 4);
        await _quota.ReserveAsync(reserved, 2, 4);
        _phones.Add(counted, _user, 3, 8);
        _phones.Add(reserved, _user, 1, 1);
        await RunAsync();
        Assert.Equal(new QuotaUsage(2, 4, 9), await _quota.UsageAsync());
        Assert.Equal(new QuotaUsage(1, 1, 1), await _quota.ReportAsync(counted, "decrement"));
    }

    [Fact]
    public async Task A_phone_of_nobody_or_of_somebody_else_mends_nothing()
    {
        var (mine, nobodys) = (Phone(), Phone());
        await _quota.ReportAsync(mine, "increment");
        _phones.Add(mine, (await _service.AddUserAsync()).Id, 3, 3);
        _phones.Add(nobodys, Guid.CreateVersion7());
        await RunAsync();
        Assert.Equal(new QuotaUsage(1, 2, 4), await _quota.UsageAsync());
    }

    [Fact]
    public async Task More_phones_than_a_page_are_compared()
    {
        var (there, gone) = (Enumerable.Range(0, 250).Select(_ => Phone()).ToList(), Phone(29));
        foreach (var phone in there)
            _phones.Add(phone, _user, 1, 1);
        await RunAsync();
        await _quota.ReportAsync(gone, "increment", 1, 1);
        Assert.Equal(251, (await _quota.UsageAsync()).CurrentDevices);
        await RunAsync();
        Assert.Equal(new QuotaUsage(250, 250, 250), await _quota.UsageAsync());
        _phones.Phones.Clear();
        await RunAsync();
        Assert.Equal(new QuotaUsage(0, 0, 0), await _quota.UsageAsync());
    }

    [Fact]
    public async Task While_the_device_service_is_away_nothing_is_mended_and_then_it_is_soon()
    {
        await _quota.ReportAsync(Phone(), "increment");
        _phones.IsAway = true;
        await Assert.ThrowsAsync<SiblingUnavailableException>(RunAsync);
        await TickAsync();
        await Testing.Wait.UntilAsync("a try to fail", () =>
            _service.LogLines.Any(l => l.Contains("quota reconciliation", StringComparison.Ordinal)));
        Assert.Equal(1, (await _quota.UsageAsync()).CurrentDevices);
        _phones.IsAway = false;
        await UntilMendedAsync();
    }

    /// <summary>Every replica's sidecar ticks.</summary>
    [Fact]
    public async Task Ticks_that_come_together_are_one_and_the_next_is_another()
    {
        await Task.WhenAll(TickAsync(), TickAsync(), TickAsync());
        await UntilTurnIsOverAsync();
        await TickAsync();
        await _quota.ReportAsync(Phone(), "increment");
        _clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal((1, 1), (_phones.Lists, (await _quota.UsageAsync()).CurrentDevices));
        await TickAsync();
        await UntilMendedAsync();
        await UntilTurnIsOverAsync();
        Assert.Equal(2, _phones.Lists);
    }

    Task UntilTurnIsOverAsync() => Testing.Wait.UntilAsync("the turn to be over", () =>
        _service.InDatabaseAsync(db => db.Set<ReconciliationTurn>().AnyAsync(t => t.NextAttemptAt == null)));

    [Fact]
    public async Task Only_the_sidecar_says_when_it_is_time()
    {
        using var admin = _service.As(_user, "admin");
        Assert.Equal(HttpStatusCode.Unauthorized, (await admin.PostAsync(Tick, null)).StatusCode);
    }

    const string Tick = "/cron/reconcile-quotas";

    async Task TickAsync()
    {
        using var sidecar = _service.Anonymous();
        sidecar.DefaultRequestHeaders.Add("dapr-api-token", UserService.SidecarToken);
        (await sidecar.PostAsync(Tick, null)).EnsureSuccessStatusCode();
    }

    Task UntilMendedAsync() => Testing.Wait.UntilAsync("the quota to be mended", async () =>
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        return (await _quota.UsageAsync()).CurrentDevices == 0;
    });

    public async ValueTask DisposeAsync()
    {
        _quota.Dispose();
        await _service.DisposeAsync();
        await _phones.DisposeAsync();
    }
}
