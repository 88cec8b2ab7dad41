using System.Net;
using System.Text.Json;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Billing.Tests.Usage;

public sealed class ListUsageTests : IAsyncDisposable
{
    readonly TestService<BillingDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task Users_see_their_own_and_operators_all()
    {
        var mine = new DeviceLife(_user).Created(0).Started(1);
        var others = new DeviceLife(Guid.CreateVersion7()).Created(0).Started(1);
        await mine.DeliverAllAsync(_service);
        await others.DeliverAllAsync(_service);

        using var user = _service.As(_user);
        Assert.Equal(mine.Id, Assert.Single((await user.UsageAsync("")).Items).DeviceId);
        Assert.Empty((await user.UsageAsync($"deviceId={others.Id}")).Items);
        Assert.Empty((await user.UsageAsync($"userId={others.UserId}")).Items);
        using var op = _service.As(Guid.CreateVersion7(), Roles.Operator);
        Assert.Equal(2, (await op.UsageAsync("")).Items.Count);
        Assert.Equal(others.Id, Assert.Single((await op.UsageAsync($"userId={others.UserId}")).Items).DeviceId);
    }

    [Fact]
    public async Task The_list_pages_newest_first_and_filters_by_status()
    {
        var life = new DeviceLife(_user).Created(0);
        for (var run = 0; run < 5; run++)
            life.Started(run * 10 + 1).Stopped(run * 10 + 4 + run);
        await life.Started(90).DeliverAllAsync(_service);
        using var user = _service.As(_user);
        var seconds = new List<long>();
        string? cursor = null;
        do
        {
            var page = await user.UsageAsync($"limit=2&status=closed&cursor={cursor}");
            Assert.True(page.Items.Count <= 2);
            seconds.AddRange(page.Items.Select(u => u.Seconds));
            cursor = page.NextCursor;
        } while (cursor is not null);
        Assert.Equal([7, 6, 5, 4, 3], seconds);
    }

    [Fact]
    public async Task The_wire_names_are_those_of_the_contract()
    {
        await new DeviceLife(_user).Created(0).Started(1).Stopped(3).DeliverAllAsync(_service);
        using var user = _service.As(_user);
        using var json = JsonDocument.Parse(await user.GetStringAsync("/api/billing/usage"));
        var item = json.RootElement.GetProperty("items")[0];
        foreach (var name in new[] { "deviceId", "startedAt", "stoppedAt", "pausedSeconds", "seconds", "amount",
            "status" })
            Assert.True(item.TryGetProperty(name, out _), name);
        Assert.Equal("closed", item.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("nextCursor").ValueKind);
    }

    [Theory]
    [InlineData("deviceId=nonsense")]
    [InlineData("status=asleep")]
    [InlineData("limit=0")]
    [InlineData("cursor=%21")]
    public async Task A_wrong_query_is_refused(string query)
    {
        using var user = _service.As(_user);
        using var answer = await user.GetAsync($"/api/billing/usage?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_users_token()
    {
        foreach (var client in new[] { _service.Anonymous(), _service.AsService("device-service"),
            _service.WithBearer("x.y.z") })
            foreach (var path in new[] { "/api/billing/usage", "/api/billing/rates" })
                Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(path)).StatusCode);
        using var forged = _service.As(_user, Roles.Admin);
        Assert.Equal(HttpStatusCode.Unauthorized,
            (await forged.PostAsync("/events/device.started", new StringContent("{}", null, "application/json")))
            .StatusCode);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
