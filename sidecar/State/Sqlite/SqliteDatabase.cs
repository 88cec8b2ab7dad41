using Microsoft.Data.Sqlite;

namespace CloudPhone.Sidecar.State.Sqlite;

/// <summary>
/// One SQLite database and its one connection, used by one caller at a time: an operation takes microseconds, and so no
/// writer of this process ever finds the file busy. With WAL, what was written survives the death of the process.
/// </summary>
sealed class SqliteDatabase : IDisposable
{
    readonly SemaphoreSlim _gate = new(1);
    readonly SqliteConnection _connection;
    readonly Dictionary<string, SqliteCommand> _prepared = [];

    /// <exception cref="SqliteException">The file can't be opened or is no database.</exception>
    /// <exception cref="IOException">Its folder can't be made.</exception>
    public SqliteDatabase(string? path, TimeSpan busyTimeout, bool wal)
    {
        if (path is not null)
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = path ?? ":memory:",
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)busyTimeout.TotalSeconds),
        }.ToString());
        _connection.Open();
        Execute($"PRAGMA busy_timeout = {(long)busyTimeout.TotalMilliseconds}");
        if (path is not null && wal)
            Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    }

    /// <summary>Runs alone. The work must not keep what it is given.</summary>
    /// <exception cref="TimeoutException">The turn did not come in time.</exception>
    public async Task<T> RunAsync<T>(Func<SqliteDatabase, T> work, TimeSpan timeout, CancellationToken ct)
    {
        if (!await _gate.WaitAsync(timeout, ct))
            throw new TimeoutException($"the database was busy for {timeout.TotalSeconds} s");
        try
        {
            // it blocks: see SocketThreads
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return work(this);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>As <see cref="RunAsync"/> in a transaction, undone when the work throws.</summary>
    public Task TransactAsync(Action<SqliteDatabase> work, TimeSpan timeout, CancellationToken ct) => RunAsync(db =>
    {
        Prepare("BEGIN IMMEDIATE").ExecuteNonQuery();
        try
        {
            work(this);
            Prepare("COMMIT").ExecuteNonQuery();
            return true;
        }
        catch
        {
            RollBack();
            throw;
        }
    }, timeout, ct);

    /// <summary>The statement with these values; compiled once.</summary>
    public SqliteCommand Prepare(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            _prepared.Add(sql, command);
        }
        command.Parameters.Clear();
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    void RollBack()
    {
        try
        {
            Prepare("ROLLBACK").ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // SQLite has undone it already: it does so itself after a full disk and the like
        }
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        _connection.Dispose();
        _gate.Dispose();
    }
}
