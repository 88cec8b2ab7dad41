using System.Globalization;
using CloudPhone.Sidecar.Resources;
using StackExchange.Redis;

namespace CloudPhone.Sidecar.State.Redis;

/// <summary>
/// <c>state.redis</c>: a hash for each key, its value in <c>data</c> and its ETag in <c>version</c>, as the runtime has
/// it.
/// </summary>
sealed class RedisStateStore : IActorStateStore, IAsyncDisposable
{
    /// <summary>
    /// Reminders and placement are in the database after the component's own, which has what the runtime would have
    /// there and nothing else: the runtime has services of their own for them.
    /// </summary>
    public const int Books = 1;

    const int FirstWriteRefused = 1_000_000;

    static readonly RedisValue[] Fields = ["data", "version"];

    readonly RedisConnection _redis;
    readonly TimeSpan? _defaultTimeToLive;

    RedisStateStore(RedisConnection redis, TimeSpan? defaultTimeToLive) =>
        (_redis, _defaultTimeToLive) = (redis, defaultTimeToLive);

    public static async Task<object> CreateAsync(Component component, IServiceProvider services, CancellationToken ct)
    {
        var settings = RedisSettings.Read(component);
        var common = StateStoreMetadata.Read(component, services);
        component.Metadata.RejectUnknown();
        var redis = await RedisConnection.OpenAsync(
            component.Name, settings, services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<RedisConnection>>(), ct);
        var books = component.Metadata.GetBool("actorStateStore", false) ? Books : 0;
        if (redis.HasDatabase(books))
            return new RedisStateStore(redis, common.DefaultTimeToLive);
        await redis.DisposeAsync();
        throw component.Metadata.Wrong("redisDB", $"is {settings.Database}, but the server has no database of the "
            + $"number {settings.Database + books}"
            + (books == 0 ? "" : ", where the reminders of actors are kept (actorStateStore)"));
    }

    public Task<StateValue?> GetAsync(string key, CancellationToken ct) =>
        _redis.RunAsync(db => ReadAsync(db, key), ct);

    public async Task<IReadOnlyList<StateValue?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken ct) =>
        await _redis.RunAsync(db => Task.WhenAll(keys.Select(k => ReadAsync(db, k))), ct);

    public async Task WriteAsync(IReadOnlyList<StateWrite> writes, CancellationToken ct)
    {
        RedisKey[] keys = [.. writes.Select(w => (RedisKey)w.Key)];
        RedisValue[] values = [.. writes.SelectMany(Arguments)];
        var outcome = (int)await _redis.RunAsync(db => db.ScriptEvaluateAsync(RedisScripts.Write, keys, values), ct);
        if (outcome < -FirstWriteRefused)
            throw new FirstWriteException(writes[-outcome - FirstWriteRefused - 1].Key);
        if (outcome < 0)
            throw new ETagMismatchException();
    }

    public IReminderStore RemindersOf(string appId) => new RedisReminders(_redis, appId);

    public IActorPlacement PlacementOf(string appId) => new RedisPlacement(_redis, appId);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    static async Task<StateValue?> ReadAsync(IDatabaseAsync db, string key)
    {
        try
        {
            var found = await db.HashGetAsync(key, Fields);
            return found[0].IsNull ? null : new((byte[])found[0]!, (string?)found[1] ?? "", null);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // another program's plain value is read as it is, and has no ETag
            return await db.StringGetAsync(key) is { IsNull: false } plain ? new((byte[])plain!, "", null) : null;
        }
    }

    RedisValue[] Arguments(StateWrite w)
    {
        var seconds = w.Value is null ? null : (w.TimeToLive ?? _defaultTimeToLive)?.TotalSeconds;
        return
        [
            w.Value is null ? "del" : "set", ETag(w), w.Value ?? [], w.FirstWrite ? "1" : "0",
            seconds is not { } s ? "" : (long)Math.Max(0, s),
        ];
    }

    static string ETag(StateWrite w) => w.ETag is not { } etag ? ""
        : long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version.ToString(CultureInfo.InvariantCulture)
        : throw new InvalidETagException(etag);
}
