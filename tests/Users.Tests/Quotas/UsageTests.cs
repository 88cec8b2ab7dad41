using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPhone.Contracts;
using CloudPhone.Users.Quotas;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Tests.Quotas;

public sealed class UsageTests(UserService service) : IClassFixture<UserService>
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    static readonly QuotaUsage Nothing = new(0, 0, 0);
    static readonly QuotaUsage One = new(1, 2, 4);

    async Task<(QuotaClient Quota, Guid UserId)> NewUserAsync()
    {
        var user = await service.AddUserAsync();
        return (new(service, user.Id), user.Id);
    }

    [Theory]
    [InlineData("reserve increment", 1)]
    [InlineData("reserve increment increment", 1)]
    [InlineData("increment", 1)]
    [InlineData("increment reserve", 1)]
    [InlineData("reserve decrement", 0)]
    [InlineData("reserve increment decrement", 0)]
    [InlineData("reserve increment decrement decrement", 0)]
    [InlineData("increment decrement", 0)]
    [InlineData("decrement increment", 0)]
    [InlineData("reserve decrement increment", 0)]
    [InlineData("reserve increment decrement increment", 0)]
    [InlineData("decrement reserve", 0)]
    [InlineData("decrement", 0)]
    public async Task Late_doubled_and_reordered_reports_end_right(string steps, int devices)
    {
        var (quota, _) = await NewUserAsync();
        using (quota)
        {
            var device = Guid.CreateVersion7();
            foreach (var step in steps.Split(' '))
            {
                if (step == "reserve")
                    await quota.ReserveAsync(device);
                else
                    await quota.ReportAsync(device, step);
            }
            Assert.Equal(devices == 1 ? One : Nothing, await quota.UsageAsync());
        }
    }

    [Fact]
    public async Task Every_mix_of_reports_at_once_leaves_the_sums_of_the_holdings()
    {
        var (quota, userId) = await NewUserAsync();
        using (quota)
        {
            var devices = Enumerable.Range(0, 8).Select(_ => Guid.CreateVersion7()).ToList();
            await Task.WhenAll(Enumerable.Range(0, 96).Select(i => (i % 3) switch
            {
                0 => (Task)quota.TryReserveAsync(devices[i % 8]),
                1 => quota.ReportAsync(devices[i % 8], "increment"),
                _ => i % 8 < 4 ? quota.ReportAsync(devices[i % 8], "decrement") : Task.CompletedTask,
            }));
            Assert.Equal(new QuotaUsage(4, 8, 16), await quota.UsageAsync());
            var held = await service.InDatabaseAsync(db => ((UsersDb)db).QuotaHoldings
                .CountAsync(h => h.UserId == userId && h.State == HoldingState.Counted));
            Assert.Equal(4, held);
        }
    }

    [Fact]
    public async Task A_phone_that_exists_counts_even_beyond_the_limit_and_then_nothing_new_fits()
    {
        var (quota, _) = await NewUserAsync();
        using (quota)
        {
            for (var i = 0; i < 6; i++)
                await quota.ReportAsync(Guid.CreateVersion7(), "increment");
            Assert.Equal(6, (await quota.UsageAsync()).CurrentDevices);
            Assert.Equal("refused", (await quota.ReserveAsync(Guid.CreateVersion7())).Outcome);
        }
    }

    [Fact]
    public async Task A_batch_answers_for_each_report()
    {
        var (quota, userId) = await NewUserAsync();
        using (quota)
        {
            var (kept, gone) = (Guid.CreateVersion7(), Guid.CreateVersion7());
            using var client = service.AsService(AppIds.Devices);
            var reports = new[]
            {
                new { userId, deviceId = kept, cpuCores = 2, memoryGB = 4, operation = "increment" },
                new { userId, deviceId = gone, cpuCores = 2, memoryGB = 4, operation = "increment" },
                new { userId, deviceId = gone, cpuCores = 2, memoryGB = 4, operation = "decrement" },
                new { userId = Guid.NewGuid(), deviceId = Guid.NewGuid(), cpuCores = 2, memoryGB = 4,
                    operation = "increment" },
            };
            for (var i = 0; i < 2; i++)
            {
                var http = await client.PostAsJsonAsync("/api/quotas/batch-usage", new { reports });
                var answer = await http.Content.ReadFromJsonAsync<BatchUsageAnswer>();
                Assert.Equal(3, answer!.Accepted);
                var outcomes = answer.Results.Select(r => r.Outcome);
                Assert.Equal(["counted", i == 0 ? "counted" : "released", "released", "unknown-user"], outcomes);
            }
            Assert.Equal(One, await quota.UsageAsync());
        }
    }

    [Theory]
    [InlineData("""{"reports":[]}""")]
    [InlineData("""{}""")]
    [InlineData("""{"reports":null}""")]
    [InlineData("""{"reports":[null]}""")]
    [InlineData("""{"reports":[{"userId":"x"}]}""")]
    public async Task A_batch_of_the_wrong_shape_is_refused(string body)
    {
        using var client = service.AsService(AppIds.Devices);
        var answer = await client.PostAsync("/api/quotas/batch-usage",
            new StringContent(body, null, "application/json"));
        await UserService.AssertProblemAsync(answer, 400, "bad-request");
    }

    [Fact]
    public async Task One_wrong_report_or_one_too_many_refuses_the_whole_batch()
    {
        var (quota, userId) = await NewUserAsync();
        using (quota)
        {
            using var client = service.AsService(AppIds.Devices);
            var good = new UsageReport(userId, Guid.CreateVersion7(), 2, 4, UsageOperation.Increment);
            var (wrong, tooMany) = (new[] { good, good with { CpuCores = 0 } }, Enumerable.Repeat(good, 101).ToArray());
            foreach (var reports in new[] { wrong, tooMany })
            {
                var answer = await client.PostAsJsonAsync("/api/quotas/batch-usage", new { reports }, Json);
                await UserService.AssertProblemAsync(answer, 400, "bad-request");
            }
            Assert.Equal(Nothing, await quota.UsageAsync());
        }
    }

    [Theory]
    [InlineData("subtract")]
    [InlineData("0")]
    [InlineData("")]
    public async Task An_unknown_operation_is_refused(string operation)
    {
        var (quota, _) = await NewUserAsync();
        using (quota)
            await UserService.AssertProblemAsync(await quota.TryReportAsync(Guid.CreateVersion7(), operation), 400,
                "bad-request");
    }
}
