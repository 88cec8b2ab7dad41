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
    static readonly TimeSpan ReadPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>A change that is not told leaves old figures for a minute: it may take longer than a read.</summary>
    static readonly TimeSpan DropPatience = TimeSpan.FromSeconds(3);

    static readonly Dictionary<string, string> Metadata = new() { ["ttlInSeconds"] = "60" };

    /// <param name="Quota">Null since a change: to be read anew.</param>
    sealed record Entry(QuotaView? Quota);

    public async Task<QuotaView?> GetAsync(Guid userId, Func<Task<QuotaView?>> read)
    {
        var (entry, etag) = await TryAsync(ReadPatience, ct => FindAsync(userId, ct));
        if (entry?.Quota is { } cached)
            return cached;
        var found = await read();
        // kept only over the entry of before the read: another replica may have dropped it since
        if (found is not null && etag is { Length: > 0 })
            await TryAsync(ReadPatience, ct => dapr.TrySaveStateAsync(
                Store, Key(userId), new Entry(found), etag, metadata: Metadata, cancellationToken: ct));
        return found;
    }

    /// <summary>After the commit of a change.</summary>
    public Task DropAsync(Guid userId) => TryAsync(DropPatience, ct => MarkAsync(userId, ct));

    /// <summary>Where nothing is kept a mark is made: a key that isn't there has no ETag to write by.</summary>
    async Task<(Entry? Entry, string ETag)> FindAsync(Guid userId, CancellationToken ct)
    {
        var kept = await ReadAsync();
        if (kept.Entry is not null)
            return kept;
        await MarkAsync(userId, ct);
        return await ReadAsync();

        async Task<(Entry? Entry, string ETag)> ReadAsync() =>
            await dapr.GetStateAndETagAsync<Entry?>(Store, Key(userId), cancellationToken: ct);
    }

    async Task<bool> MarkAsync(Guid userId, CancellationToken ct)
    {
        await dapr.SaveStateAsync(Store, Key(userId), new Entry(null), metadata: Metadata, cancellationToken: ct);
        return true;
    }

    async Task<T?> TryAsync<T>(TimeSpan patience, Func<CancellationToken, Task<T>> call)
    {
        using var end = new CancellationTokenSource(patience);
        try
        {
            return await call(end.Token);
        }
        catch (Exception e) when (e is DaprException or OperationCanceledException or JsonException)
        {
            Away(log, e.InnerException?.Message ?? e.Message);
            return default;
        }
    }

    static string Key(Guid userId) => $"user-quota:{userId}";

    [LoggerMessage(1, LogLevel.Debug, "The state store is not to be had: {Reason}")]
    static partial void Away(ILogger log, string reason);
}
