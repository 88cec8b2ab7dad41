using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Sidecar.State.Sqlite;

/// <summary><c>state.sqlite</c>: a table of a SQLite file, which the sidecars of one process share.</summary>
sealed class SqliteStateStore : IActorStateStore, IDisposable
{
    readonly SqliteDatabase _database;
    readonly SqliteSettings _settings;
    readonly SqliteStateTable _table;
    readonly TimeProvider _time;
    readonly TimeSpan? _defaultTimeToLive;
    readonly ITimer? _cleaner;

    SqliteStateStore(SqliteDatabase database, SqliteSettings settings, TimeProvider time, TimeSpan? defaultTimeToLive)
    {
        (_database, _settings, _time, _defaultTimeToLive) = (database, settings, time, defaultTimeToLive);
        _table = new(settings.Table);
        if (settings.CleanupInterval > TimeSpan.Zero)
            _cleaner = time.CreateTimer(_ => _ = CleanUpAsync(), null, settings.CleanupInterval,
                settings.CleanupInterval);
    }

    public IActorPlacement? PlacementOf(string appId) => null;

    public IReminderStore RemindersOf(string appId) =>
        new LocalReminders(new SqliteReminderTable(_database, _settings, appId), _time);

    public static async Task<object> CreateAsync(Component component, IServiceProvider services, CancellationToken ct)
    {
        var settings = SqliteSettings.Read(component);
        var common = StateStoreMetadata.Read(component, services);
        component.Metadata.RejectUnknown();
        try
        {
            var database = Open(settings, services.GetRequiredService<SidecarNeighbourhood>());
            await SqliteSchema.EnsureAsync(database, settings, ct);
            return new SqliteStateStore(
                database, settings, services.GetRequiredService<TimeProvider>(), common.DefaultTimeToLive);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw component.Metadata.Wrong("connectionString",
                $"does not open as a state store: {e.Message.TrimEnd('.')}");
        }
    }

    public Task<StateValue?> GetAsync(string key, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        return _database.RunAsync(db => _table.Find(db, key, now)?.ToValue(), _settings.Timeout, ct);
    }

    public Task<IReadOnlyList<StateValue?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        return _database.RunAsync<IReadOnlyList<StateValue?>>(
            db => [.. keys.Select(k => _table.Find(db, k, now)?.ToValue())], _settings.Timeout, ct);
    }

    public Task WriteAsync(IReadOnlyList<StateWrite> writes, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        return _database.TransactAsync(db =>
        {
            foreach (var w in writes)
                _table.Put(db, w.Key, StateRow.After(_table.Find(db, w.Key, now), w, _defaultTimeToLive, now));
        }, _settings.Timeout, ct);
    }

    public void Dispose()
    {
        _cleaner?.Dispose();
        if (_settings.Path is null)
            _database.Dispose();
    }

    /// <summary>Removes expired rows; what fails now is done at the next interval.</summary>
    internal async Task CleanUpAsync()
    {
        try
        {
            var now = _time.GetUtcNow();
            await _database.RunAsync(db => _table.RemoveExpired(db, now), _settings.Timeout, default);
        }
        catch (Exception e) when (e is SqliteException or TimeoutException or ObjectDisposedException)
        {
        }
    }

    static SqliteDatabase Open(SqliteSettings settings, SidecarNeighbourhood neighbourhood)
    {
        SqliteDatabase Make() => new(settings.Path, settings.BusyTimeout, settings.Wal);
        return settings.Path is null ? Make() : neighbourhood.Shared(settings.Path, Make);
    }
}
