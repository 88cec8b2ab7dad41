using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Tests.Ledger;
using Dapr.Client;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPhone.Users.Tests.Quotas;

/// <summary>Two caches, as two replicas have them, on one state store behind a real sidecar.</summary>
public sealed class QuotaCacheTests : IAsyncLifetime
{
    readonly string _resources = Directory.CreateTempSubdirectory("cloudphone-cache-").FullName;
    readonly int _http = FreePort.Next(), _grpc = FreePort.Next();
    readonly Guid _user = Guid.CreateVersion7();
    RedisServer? _redis;
    ServiceProcess? _sidecar;
    DaprClient? _dapr;

    public static TheoryData<string> Stores => ["state.in-memory", "state.sqlite", "state.redis"];

    [Theory, MemberData(nameof(Stores))]
    public async Task What_was_read_is_kept_until_a_change(string store)
    {
        var cache = await StartAsync(store);
        Assert.Equal(1, await DevicesAsync(cache, 1));
        Assert.Equal(1, await DevicesAsync(cache, 2));

        await Another().DropAsync(_user);

        Assert.Equal(2, await DevicesAsync(cache, 2));
        Assert.Equal(2, await DevicesAsync(Another(), 3));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task What_was_read_before_another_replicas_change_is_not_kept_after_it(string store)
    {
        var cache = await StartAsync(store);
        var read = await cache.GetAsync(_user, async () =>
        {
            await Another().DropAsync(_user);
            return Quota(1);
        });
        Assert.Equal(1, read!.Usage.CurrentDevices);
        Assert.Equal(2, await DevicesAsync(cache, 2));
    }

    [Fact]
    public async Task Without_a_sidecar_each_read_reads()
    {
        _dapr = new DaprClientBuilder().UseGrpcEndpoint("http://127.0.0.1:1").Build();
        var cache = Another();
        await cache.DropAsync(_user);
        Assert.Equal(1, await DevicesAsync(cache, 1));
        Assert.Equal(2, await DevicesAsync(cache, 2));
    }

    /// <summary>What a payment, its refund and the refund's failure change is read by the next one, for all that is
    /// kept.</summary>
    [Fact]
    public async Task Money_that_changes_a_quota_drops_it()
    {
        await StartAsync("state.in-memory");
        await using var service = new UserService(("DAPR_GRPC_PORT", $"{_grpc}"));
        var user = await LedgerClient.NewAsync(service);
        using var op = service.As(Guid.CreateVersion7(), Roles.Operator);
        var end = DateTimeOffset.UtcNow.AddDays(1);
        (await op.PutAsJsonAsync($"/api/quotas/user/{user.UserId}", new SetQuotaRequest(5, 16, 32, end)))
            .EnsureSuccessStatusCode();
        async Task<int> DaysAsync() => (int)((await service.QuotaAsync(user.UserId)).ValidUntil! - end).Value.TotalDays;

        Assert.Equal(0, await DaysAsync());
        var payment = user.Payment(50, days: 30);
        await user.TellAsync(payment);
        Assert.Equal(30, await DaysAsync());
        var refund = user.Refund(50) with { PaymentId = payment.PaymentId, TopUpEndsAt = DateTimeOffset.UtcNow };
        await user.TellAsync(refund);
        Assert.Equal(0, await DaysAsync());
        await user.TellAsync(new BillingRefundFailed(
            refund.RefundId, payment.PaymentId, payment.OrderId, user.UserId, 50, "CNY", "r", DateTimeOffset.UtcNow));
        Assert.Equal(30, await DaysAsync());

        // as a change that nobody tells of shows: it is kept
        await service.InDatabaseAsync(db => ((UsersDb)db).Quotas.Where(q => q.UserId == user.UserId)
            .ExecuteUpdateAsync(s => s.SetProperty(q => q.ValidUntil, end)));
        Assert.Equal(30, await DaysAsync());
    }

    async Task<int> DevicesAsync(QuotaCache cache, int now) =>
        (await cache.GetAsync(_user, () => Task.FromResult<QuotaView?>(Quota(now))))!.Usage.CurrentDevices;

    QuotaView Quota(int devices) => new(_user, new(9, 9, 9), new(devices, 0, 0), null, null, null);

    QuotaCache Another() => new(_dapr!, NullLogger<QuotaCache>.Instance);

    async Task<QuotaCache> StartAsync(string store)
    {
        if (store == "state.redis")
        {
            Assert.SkipWhen(RedisServer.Missing is not null, RedisServer.Missing ?? "");
            _redis = await RedisServer.StartAsync("of the cache");
        }
        var metadata = store switch
        {
            "state.redis" => new[] { ("redisHost", $"127.0.0.1:{_redis!.Port}"), ("redisPassword", _redis.Password) },
            "state.sqlite" => [("connectionString", Path.Combine(_resources, "state.db"))],
            _ => [],
        };
        var items = metadata.Select(m => $"{{ name: {m.Item1}, value: \"{m.Item2}\" }}");
        await File.WriteAllTextAsync(Path.Combine(_resources, "statestore.yaml"), $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec: { type: {{store}}, version: v1, metadata: [{{string.Join(", ", items)}}] }
            """);
        _sidecar = ServiceProcess.Start(
        [
            Repository.Built("sidecar", "sidecar"), "daprd", "--app-id", "user-service",
            "--dapr-http-port", $"{_http}", "--dapr-grpc-port", $"{_grpc}",
            "--dapr-internal-grpc-port", $"{FreePort.Next()}", "--metrics-port", $"{FreePort.Next()}",
            "--resources-path", _resources,
        ]);
        _dapr = new DaprClientBuilder()
            .UseHttpEndpoint($"http://127.0.0.1:{_http}").UseGrpcEndpoint($"http://127.0.0.1:{_grpc}").Build();
        await Wait.UntilAsync("the sidecar", () => _dapr.CheckOutboundHealthAsync(), 60);
        // the first call takes longer than a cache waits, where the machine is busy
        await _dapr.SaveStateAsync("statestore", "first", "call");
        return Another();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _dapr?.Dispose();
        if (_sidecar is not null)
            await _sidecar.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        Directory.Delete(_resources, recursive: true);
    }
}
