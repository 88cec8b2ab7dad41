using Microsoft.Data.Sqlite;

namespace CloudPhone.Sidecar.State.Sqlite;

/// <summary>Makes the tables; the metadata table says which version of them the file has.</summary>
static class SqliteSchema
{
    const string VersionKey = "cloudphone-state-schema";
    const string Version = "1";

    /// <exception cref="FormatException">The tables are another program's, or of another version.</exception>
    public static Task EnsureAsync(SqliteDatabase database, SqliteSettings s, CancellationToken ct) =>
        database.TransactAsync(db =>
        {
            db.Execute(
                $"CREATE TABLE IF NOT EXISTS {s.MetadataTable} (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)");
            var found = db.Prepare(
                $"SELECT value FROM {s.MetadataTable} WHERE key = $key",
                    ("$key", $"{VersionKey}:{s.Table}")).ExecuteScalar() as string;
            if (found == Version)
                return;
            if (found is not null)
                throw new FormatException($"table {s.Table} has version {found} of its layout, not {Version}");
            Create(db, s);
            db.Prepare($"INSERT INTO {s.MetadataTable} (key, value) VALUES ($key, $value)",
                ("$key", $"{VersionKey}:{s.Table}"), ("$value", Version)).ExecuteNonQuery();
        }, s.Timeout, ct);

    static void Create(SqliteDatabase db, SqliteSettings s)
    {
        try
        {
            db.Execute($"""
                CREATE TABLE {s.Table} (
                    key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL, version INTEGER NOT NULL,
                    first_write INTEGER NOT NULL, expires_at INTEGER NULL) WITHOUT ROWID;
                CREATE INDEX {s.Table}_expires_at ON {s.Table} (expires_at) WHERE expires_at IS NOT NULL;
                CREATE TABLE {s.Table}_reminders (
                    app_id TEXT NOT NULL, actor_type TEXT NOT NULL, actor_id TEXT NOT NULL, name TEXT NOT NULL,
                    due_time TEXT NOT NULL, period TEXT NOT NULL, data BLOB NULL, next_at INTEGER NOT NULL,
                    repeats_left INTEGER NULL, expires_at INTEGER NULL,
                    PRIMARY KEY (app_id, actor_type, actor_id, name)) WITHOUT ROWID;
                """);
        }
        catch (SqliteException e) when (e.Message.Contains("already exists", StringComparison.Ordinal))
        {
            throw new FormatException(
                $"it has tables of these names that this sidecar did not make ({e.Message}); "
                + "set another file or tableName");
        }
    }
}
