using System.Text.Json;
using System.Text.Json.Serialization;
using StackExchange.Redis;

namespace CloudPhone.Sidecar.State.Redis;

/// <summary>
/// Reminders in a hash, by actor type, id and name, and in a sorted set by the millisecond when somebody is to look at
/// them: when they are due or, while a sidecar has them in hand, when its hold is over. Redis has the clock.
/// </summary>
sealed class RedisReminders(RedisConnection redis, string appId) : IReminderStore
{
    readonly RedisKey[] _keys = [$"{appId}||reminders", $"{appId}||reminders||due"];

    public async Task<ReminderRecord?> FindAsync(ReminderKey key, CancellationToken ct)
    {
        var value = await redis.RunAsync(db => db.HashGetAsync(_keys[0], Field(key)), ct, RedisStateStore.Books);
        return value.IsNull ? null : Read(value!);
    }

    public async Task<bool> PutAsync(ReminderRecord reminder, bool replace, CancellationToken ct) =>
        (bool)await RunAsync(
            ReminderScripts.Put, ct, Field(reminder.Key), Write(reminder), Milliseconds(reminder), replace);

    public Task DeleteAsync(ReminderKey key, CancellationToken ct) =>
        RunAsync(ReminderScripts.Delete, ct, Field(key));

    public async Task<DueReminders> TakeDueAsync(int most, TimeSpan hold, CancellationToken ct)
    {
        var answer = (RedisValue[])(await RunAsync(ReminderScripts.Take, ct, most, (long)hold.TotalMilliseconds))!;
        var wait = (long)answer[0];
        return new(
            [.. answer.Skip(1).Select(v => Read(v!))], wait < 0 ? null : TimeSpan.FromMilliseconds(wait));
    }

    public async Task<IReadOnlyList<ReminderRecord>> HoldAsync(
        IReadOnlyList<ReminderRecord> taken, TimeSpan hold, CancellationToken ct)
    {
        if (taken.Count == 0)
            return [];
        RedisValue[] arguments =
            [(long)hold.TotalMilliseconds, .. taken.SelectMany(r => (RedisValue[])[Field(r.Key), Beginning(r)])];
        var still = (RedisValue[])(await RunAsync(ReminderScripts.Hold, ct, arguments))!;
        return [.. still.Select(i => taken[(int)i - 1])];
    }

    public Task CompleteAsync(ReminderRecord taken, ReminderRecord? next, CancellationToken ct) =>
        RunAsync(ReminderScripts.Complete, ct, Field(taken.Key), Beginning(taken),
            next is null ? "" : Write(next), next is null ? 0 : Milliseconds(next));

    Task<RedisResult> RunAsync(string script, CancellationToken ct, params RedisValue[] arguments) =>
        redis.RunAsync(db => db.ScriptEvaluateAsync(script, _keys, arguments), ct, RedisStateStore.Books);

    static string Field(ReminderKey key) => $"{key.ActorType}||{key.ActorId}||{key.Name}";

    static long Milliseconds(ReminderRecord r) => r.NextAt.ToUnixTimeMilliseconds();

    /// <summary>How the value of this tick begins, and of no other.</summary>
    static string Beginning(ReminderRecord r) => $$"""{"tick":"{{r.Tick}}" """.TrimEnd();

    static byte[] Write(ReminderRecord r) => JsonSerializer.SerializeToUtf8Bytes(
        new($"{Guid.NewGuid():N}", r.Key, r.DueTime, r.Period, r.Data, r.NextAt.ToUniversalTime(), r.RepeatsLeft,
            r.ExpiresAt?.ToUniversalTime()), ReminderJson.Default.KeptReminder);

    static ReminderRecord Read(byte[] value)
    {
        var r = JsonSerializer.Deserialize(value, ReminderJson.Default.KeptReminder)!;
        return new(r.Key, r.DueTime, r.Period, r.Data, r.NextAt, r.RepeatsLeft, r.ExpiresAt, r.Tick);
    }
}

/// <summary>A reminder as Redis has it; the tick comes first, for the scripts look for it there.</summary>
sealed record KeptReminder(
    [property: JsonPropertyOrder(-1)] string Tick, ReminderKey Key, string DueTime, string Period, byte[]? Data,
    DateTimeOffset NextAt, int? RepeatsLeft, DateTimeOffset? ExpiresAt);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeptReminder))]
sealed partial class ReminderJson : JsonSerializerContext;
