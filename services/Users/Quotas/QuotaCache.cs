using System.Text.Json;
using Dapr;
using Dapr.Client;

namespace CloudPhone.Users.Quotas;

/// <summary>
/// Quotas as they were read last, for 60 s in Dapr's state store, dropped at every change. Nothing depends on it: where
/// the sidecar is away, or slow, the database is read.
/// </summary>
sealed partial class QuotaCache(DaprClient dapr, ILogger<QuotaCache> log)
{
    const string Store = "statestore";
    const int Stripes = 1024;
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    static readonly Dictionary<string, string> Metadata = new() { ["ttlInSeconds"] = "60" };

    /// <summary>Counts drops, so that what was read before a change isn't kept after it.</summary>
    readonly long[] _drops = new long[Stripes];

    public async Task<QuotaView?> GetAsync(Guid userId, Func<Task<QuotaView?>> read)
    {
        var cached = await TryAsync(ct => dapr.GetStateAsync<QuotaView?>(Store, Key(userId), cancellationToken: ct));
        if (cached is not null)
            return cached;
        var drops = Volatile.Read(ref Drops(userId));
        var found = await read();
        if (found is not null && Volatile.Read(ref Drops(userId)) == drops)
        {
            await TryAsync(ct => SaveAsync(found, ct));
            if (Volatile.Read(ref Drops(userId)) != drops)
                await DropAsync(userId);
        }
        return found;
    }

    /// <summary>After the commit of a change.</summary>
    public async Task DropAsync(Guid userId)
    {
        Interlocked.Increment(ref Drops(userId));
        await TryAsync(async ct =>
        {
            await dapr.DeleteStateAsync(Store, Key(userId), cancellationToken: ct);
            return true;
        });
    }

    async Task<bool> SaveAsync(QuotaView quota, CancellationToken ct)
    {
        await dapr.SaveStateAsync(Store, Key(quota.UserId), quota, metadata: Metadata, cancellationToken: ct);
        return true;
    }

    async Task<T?> TryAsync<T>(Func<CancellationToken, Task<T>> call)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await call(patience.Token);
        }
        catch (Exception e) when (e is DaprException or OperationCanceledException or JsonException)
        {
            Away(log, e.InnerException?.Message ?? e.Message);
            return default;
        }
    }

    ref long Drops(Guid userId) => ref _drops[(uint)userId.GetHashCode() % Stripes];

    static string Key(Guid userId) => $"user-quota:{userId}";

    [LoggerMessage(1, LogLevel.Debug, "The state store is not to be had: {Reason}")]
    static partial void Away(ILogger log, string reason);
}
