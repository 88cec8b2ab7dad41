using StackExchange.Redis;

namespace CloudPhone.Sidecar.State.Redis;

/// <summary>
/// Two hashes: the app's hosts by address, each with its session and the millisecond when its lease ends; and who has
/// which actor, by session and address. Redis has the clock.
/// </summary>
sealed class RedisPlacement(RedisConnection redis, string appId) : IActorPlacement
{
    readonly RedisKey[] _keys = [$"{appId}||actors||hosts", $"{appId}||actors||owners"];

    public Task RegisterAsync(ActorHostId host, TimeSpan lease, CancellationToken ct) =>
        RunAsync(PlacementScripts.Register, host, ct, (long)lease.TotalMilliseconds);

    public async Task<LeaseRenewal> RenewAsync(ActorHostId host, TimeSpan lease, CancellationToken ct) =>
        (int)await RunAsync(PlacementScripts.Renew, host, ct, (long)lease.TotalMilliseconds) switch
        {
            1 => LeaseRenewal.Renewed,
            0 => LeaseRenewal.Expired,
            _ => LeaseRenewal.Unknown,
        };

    public Task LeaveAsync(ActorHostId host, CancellationToken ct) => RunAsync(PlacementScripts.Leave, host, ct);

    public async Task<string?> PlaceAsync(
        ActorHostId host, string actorType, string actorId, CancellationToken ct) =>
        (string?)await RunAsync(PlacementScripts.Place, host, ct, Field(actorType, actorId)) is { Length: > 0 } address
            ? address
            : null;

    public Task ReleaseAsync(ActorHostId host, string actorType, string actorId, CancellationToken ct) =>
        RunAsync(PlacementScripts.Release, host, ct, Field(actorType, actorId));

    Task<RedisResult> RunAsync(string script, ActorHostId host, CancellationToken ct, params RedisValue[] more) =>
        redis.RunAsync(db => db.ScriptEvaluateAsync(script, _keys, [host.Address, host.Session, .. more]), ct,
            RedisStateStore.Books);

    static string Field(string actorType, string actorId) => $"{actorType}||{actorId}";
}
