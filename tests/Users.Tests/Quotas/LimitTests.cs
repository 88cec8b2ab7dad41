using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Users.Quotas;

namespace CloudPhone.Users.Tests.Quotas;

public sealed class LimitTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task The_quota_has_the_shape_of_the_contract_and_is_seen_by_its_owner_only()
    {
        var (anna, ben) = (await service.AddUserAsync(), await service.AddUserAsync());
        using var client = service.As(anna.Id);
        var json = await client.GetFromJsonAsync<JsonElement>($"/api/quotas/user/{anna.Id}");
        var expected = $$"""
            {
              "userId": "{{anna.Id}}",
              "limits": { "maxDevices": 5, "totalCpuCores": 16, "totalMemoryGB": 32 },
              "usage": { "currentDevices": 0, "usedCpuCores": 0, "usedMemoryGB": 0 },
              "validUntil": null,
              "plan": null,
              "own": {
                "limits": { "maxDevices": 5, "totalCpuCores": 16, "totalMemoryGB": 32 }, "validUntil": null
              }
            }
            """;
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(expected).RootElement, json), json.GetRawText());
        await UserService.AssertProblemAsync(await client.GetAsync($"/api/quotas/user/{ben.Id}"), 404, "not-found");
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        Assert.Equal(ben.Id, (await op.GetFromJsonAsync<QuotaView>($"/api/quotas/user/{ben.Id}"))!.UserId);
    }

    [Fact]
    public async Task An_operator_changes_limits_and_each_change_is_told_once()
    {
        var user = await service.AddUserAsync();
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        var until = new DateTimeOffset(2100, 1, 1, 8, 0, 0, TimeSpan.FromHours(8));
        var request = new SetQuotaRequest(7, 20, 40, until);
        for (var i = 0; i < 2; i++)
            (await op.PutAsJsonAsync($"/api/quotas/user/{user.Id}", request)).EnsureSuccessStatusCode();
        var quota = await service.QuotaAsync(user.Id);
        Assert.Equal((new QuotaLimits(7, 20, 40), until), (quota.Limits, quota.ValidUntil));
        var told = Assert.Single(await service.PublishedAsync<UserQuotaUpdated>(), e => e.UserId == user.Id);
        Assert.Equal((7, 20, 40, until, 2L),
            (told.MaxDevices, told.TotalCpuCores, told.TotalMemoryGB, told.ValidUntil, told.Version));
        (await op.PutAsJsonAsync($"/api/quotas/user/{user.Id}", request with { MaxDevices = 8 }))
            .EnsureSuccessStatusCode();
        Assert.Equal([2, 3], (await service.PublishedAsync<UserQuotaUpdated>()).Where(e => e.UserId == user.Id)
            .Select(e => e.Version));
    }

    [Fact]
    public async Task Below_what_is_taken_phones_stay_readable_and_can_be_given_back()
    {
        var user = await service.AddUserAsync();
        using var quota = new QuotaClient(service, user.Id);
        using var op = service.As(Guid.CreateVersion7(), Roles.Admin);
        var devices = new[] { Guid.CreateVersion7(), Guid.CreateVersion7() };
        foreach (var device in devices)
            await quota.ReportAsync(device, "increment");
        (await op.PutAsJsonAsync($"/api/quotas/user/{user.Id}", new SetQuotaRequest(1, 2, 4)))
            .EnsureSuccessStatusCode();
        var refused = await quota.ReserveAsync(Guid.CreateVersion7());
        Assert.Equal(("refused", new QuotaRoom(0, 0, 0)), (refused.Outcome, refused.Remaining));
        Assert.Equal(new QuotaUsage(1, 2, 4), await quota.ReportAsync(devices[0], "decrement"));
        Assert.Equal(new QuotaUsage(0, 0, 0), await quota.ReportAsync(devices[1], "decrement"));
        Assert.Equal("reserved", (await quota.ReserveAsync(Guid.CreateVersion7())).Outcome);
    }

    [Fact]
    public async Task After_its_end_a_quota_gives_nothing_new_but_can_be_read_counted_and_renewed()
    {
        var user = await service.AddUserAsync();
        using var quota = new QuotaClient(service, user.Id);
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        var ended = new SetQuotaRequest(5, 16, 32, DateTimeOffset.UtcNow.AddMinutes(-1));
        (await op.PutAsJsonAsync($"/api/quotas/user/{user.Id}", ended)).EnsureSuccessStatusCode();
        var refused = await quota.ReserveAsync(Guid.CreateVersion7());
        Assert.Equal("refused", refused.Outcome);
        Assert.Contains("valid until", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("top up", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(ended.ValidUntil, refused.ValidUntil);
        Assert.Equal(1, (await quota.ReportAsync(Guid.CreateVersion7(), "increment")).CurrentDevices);
        (await op.PutAsJsonAsync($"/api/quotas/user/{user.Id}", ended with { ValidUntil = null }))
            .EnsureSuccessStatusCode();
        Assert.Equal("reserved", (await quota.ReserveAsync(Guid.CreateVersion7())).Outcome);
    }

    [Theory]
    [InlineData("""{"maxDevices":-1,"totalCpuCores":1,"totalMemoryGB":1}""")]
    [InlineData("""{"maxDevices":10001,"totalCpuCores":1,"totalMemoryGB":1}""")]
    [InlineData("""{"maxDevices":1.5,"totalCpuCores":1,"totalMemoryGB":1}""")]
    [InlineData("""{"maxDevices":1,"totalCpuCores":1}""")]
    [InlineData("""{"maxDevices":1,"totalCpuCores":1,"totalMemoryGB":1,"validUntil":"tomorrow"}""")]
    [InlineData("")]
    public async Task Wrong_limits_change_nothing(string body)
    {
        var user = await service.AddUserAsync();
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        var answer = await op.PutAsync($"/api/quotas/user/{user.Id}",
            new StringContent(body, null, "application/json"));
        await UserService.AssertProblemAsync(answer, 400, "bad-request");
        Assert.Equal(5, (await service.QuotaAsync(user.Id)).Limits.MaxDevices);
    }

    [Fact]
    public async Task Users_change_no_limits_not_even_their_own()
    {
        var user = await service.AddUserAsync();
        using var client = service.As(user.Id);
        var answer = await client.PutAsJsonAsync($"/api/quotas/user/{user.Id}", new SetQuotaRequest(100, 100, 100));
        await UserService.AssertProblemAsync(answer, 403, "forbidden");
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        var unknown = await op.PutAsJsonAsync($"/api/quotas/user/{Guid.NewGuid()}", new SetQuotaRequest(1, 1, 1));
        await UserService.AssertProblemAsync(unknown, 404, "not-found");
    }
}
