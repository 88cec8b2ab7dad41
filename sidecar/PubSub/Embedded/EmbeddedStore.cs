using System.Globalization;
using CloudPhone.Sidecar.Hosting;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>A message as a queue has it; <paramref name="Expires"/> in Unix milliseconds.</summary>
sealed record StoredMessage(long Id, long? Expires, byte[] Body);

sealed record HeldMessage(long Id, string Exchange, string Key);

/// <summary>
/// The broker's SQLite file. A message is one row, and one entry more for each queue that has it. Only the broker's
/// thread calls this.
/// </summary>
sealed class EmbeddedStore : IDisposable
{
    const int SchemaVersion = 1;
    const string Schema = """
        CREATE TABLE exchanges (name TEXT PRIMARY KEY, kind INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE bindings (queue INTEGER, exchange TEXT, key TEXT,
            PRIMARY KEY (queue, exchange, key)) WITHOUT ROWID;
        CREATE TABLE messages (id INTEGER PRIMARY KEY, exchange TEXT NOT NULL, key TEXT NOT NULL, expires INTEGER,
            held INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX messages_held ON messages (id) WHERE held = 1;
        CREATE TABLE entries (queue INTEGER, message INTEGER, PRIMARY KEY (queue, message)) WITHOUT ROWID;
        CREATE INDEX entries_message ON entries (message);
        CREATE TABLE apps (id TEXT PRIMARY KEY) WITHOUT ROWID;
        """;
    const string Select =
        "SELECT m.id, m.expires, m.body FROM entries e JOIN messages m ON m.id = e.message WHERE e.queue = $1 AND ";

    readonly SqliteConnection _db;
    readonly Dictionary<string, SqliteCommand> _commands = [];
    bool _inTransaction;

    EmbeddedStore(SqliteConnection db) => _db = db;

    /// <exception cref="ConfigurationException">The file can't be used, or another process has it.</exception>
    public static EmbeddedStore Open(string path)
    {
        SqliteConnection? db = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 };
            db = new(settings.ToString());
            db.Open();
            var store = new EmbeddedStore(db);
            store.Prepare(path);
            return store;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            db?.Dispose();
            throw new ConfigurationException(e is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY }
                ? $"The broker file {path} is in use by another process; sidecars that share it must run in one runner."
                : $"The broker file {path} can't be used ({e.Message}); set the component's 'path' to another.");
        }
    }

    void Prepare(string path)
    {
        // exclusive: the wake-ups of consumers go through this process's memory, so no second process may write
        Run("PRAGMA locking_mode = EXCLUSIVE");
        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = FULL");
        Run("PRAGMA cache_size = -8000");
        Run("BEGIN IMMEDIATE");
        var version = Convert.ToInt64(Command("PRAGMA user_version").ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > SchemaVersion)
            throw new ConfigurationException(
                $"The broker file {path} was made by a newer version; set the component's 'path' to another file.");
        if (version == 0)
            Run(Schema + $"PRAGMA user_version = {SchemaVersion};");
        Run("COMMIT");
    }

    /// <param name="durable">The commit waits for the disk. Without it a crash of the machine, not of the process, may
    /// undo it.</param>
    public void Begin(bool durable)
    {
        Run(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        Run("BEGIN IMMEDIATE");
        _inTransaction = true;
    }

    public void Commit()
    {
        Run("COMMIT");
        _inTransaction = false;
    }

    public void RollBack()
    {
        if (!_inTransaction)
            return;
        _inTransaction = false;
        try
        {
            Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite had rolled back by itself
        }
    }

    public long LastMessage() => Convert.ToInt64(
        Command("SELECT coalesce(max(id), 0) FROM messages").ExecuteScalar(), CultureInfo.InvariantCulture);

    public List<(string, ExchangeKind)> Exchanges() =>
        Read("SELECT name, kind FROM exchanges", r => (r.GetString(0), (ExchangeKind)r.GetInt32(1)));

    public List<(long Id, string Name)> Queues() =>
        Read("SELECT id, name FROM queues", r => (r.GetInt64(0), r.GetString(1)));

    public List<Binding> Bindings() =>
        Read("SELECT queue, exchange, key FROM bindings",
            r => new Binding(r.GetInt64(0), r.GetString(1), r.GetString(2)));

    public List<string> Apps() => Read("SELECT id FROM apps", r => r.GetString(0));

    public void SaveExchange(string name, ExchangeKind kind) =>
        Run("INSERT INTO exchanges VALUES ($1, $2) ON CONFLICT DO UPDATE SET kind = excluded.kind", name, (int)kind);

    public long SaveQueue(string name)
    {
        Run("INSERT INTO queues (name) VALUES ($1) ON CONFLICT DO NOTHING", name);
        return Read("SELECT id FROM queues WHERE name = $1", r => r.GetInt64(0), name)[0];
    }

    /// <summary>
    /// Replaces the queue's bindings to that exchange; to every one where <paramref name="exchange"/> is null.
    /// </summary>
    public void Rebind(long queue, string? exchange, IEnumerable<Binding> bindings)
    {
        Run("DELETE FROM bindings WHERE queue = $1 AND ($2 IS NULL OR exchange = $2)", queue, exchange);
        foreach (var b in bindings)
            Run("INSERT INTO bindings VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", b.Queue, b.Exchange, b.Key);
    }

    public void SaveApp(string id) => Run("INSERT INTO apps VALUES ($1) ON CONFLICT DO NOTHING", id);

    public void Insert(long id, string exchange, string key, long? expires, bool held, byte[] body) =>
        Run("INSERT INTO messages VALUES ($1, $2, $3, $4, $5, $6)", id, exchange, key, expires, held, body);

    public void Enqueue(long queue, long message) => Run("INSERT INTO entries VALUES ($1, $2)", queue, message);

    /// <summary>The queue is done with the message; the last queue takes its row along.</summary>
    public void Remove(long queue, long message)
    {
        Run("DELETE FROM entries WHERE queue = $1 AND message = $2", queue, message);
        RemoveUnused(message);
    }

    public void RemoveUnused(long message) =>
        Run("DELETE FROM messages WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM entries WHERE message = $1)", message);

    public List<StoredMessage> After(long queue, long message, int limit) =>
        Read(Select + "e.message > $2 ORDER BY e.message LIMIT $3", Stored, queue, message, limit);

    public List<StoredMessage> One(long queue, long message) => Read(Select + "e.message = $2", Stored, queue, message);

    public long Count(long queue) =>
        Read("SELECT count(*) FROM entries WHERE queue = $1", r => r.GetInt64(0), queue)[0];

    public bool HasHeld() => Read("SELECT 1 FROM messages WHERE held = 1 LIMIT 1", _ => 1).Count > 0;

    /// <summary>The oldest messages that wait for the gate to open.</summary>
    public List<HeldMessage> Held(int limit) =>
        Read("SELECT id, exchange, key FROM messages WHERE held = 1 ORDER BY id LIMIT $1",
            r => new HeldMessage(r.GetInt64(0), r.GetString(1), r.GetString(2)), limit);

    public void Release(long message) => Run("UPDATE messages SET held = 0 WHERE id = $1", message);

    public void Dispose()
    {
        foreach (var c in _commands.Values)
            c.Dispose();
        _db.Dispose();
    }

    static StoredMessage Stored(SqliteDataReader r) =>
        new(r.GetInt64(0), r.IsDBNull(1) ? null : r.GetInt64(1), (byte[])r.GetValue(2));

    void Run(string sql, params ReadOnlySpan<object?> values) => Command(sql, values).ExecuteNonQuery();

    List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> values)
    {
        using var reader = Command(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(row(reader));
        return rows;
    }

    /// <summary>Statements are prepared once; parameters are $1, $2, … in order.</summary>
    SqliteCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _db.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            _commands[sql] = command;
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
