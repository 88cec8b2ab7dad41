namespace CloudPhone.Sidecar.State.Sqlite;

/// <summary>The statements on the state table. Times are milliseconds since 1970.</summary>
sealed class SqliteStateTable(string table)
{
    readonly string _select = $"""
        SELECT value, version, first_write, expires_at FROM {table}
        WHERE key = $key AND (expires_at IS NULL OR expires_at > $now)
        """;

    readonly string _upsert = $"""
        INSERT INTO {table} (key, value, version, first_write, expires_at)
        VALUES ($key, $value, $version, $first, $expires)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version,
            first_write = excluded.first_write, expires_at = excluded.expires_at
        """;

    readonly string _delete = $"DELETE FROM {table} WHERE key = $key";
    readonly string _expire = $"DELETE FROM {table} WHERE expires_at <= $now";

    public StateRow? Find(SqliteDatabase db, string key, DateTimeOffset now)
    {
        using var reader = db.Prepare(_select, ("$key", key), ("$now", now.ToUnixTimeMilliseconds())).ExecuteReader();
        return !reader.Read()
            ? null
            : new((byte[])reader.GetValue(0), reader.GetInt64(1), reader.GetBoolean(2),
                reader.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)));
    }

    public void Put(SqliteDatabase db, string key, StateRow? row)
    {
        if (row is null)
            db.Prepare(_delete, ("$key", key)).ExecuteNonQuery();
        else
            db.Prepare(_upsert, ("$key", key), ("$value", row.Data), ("$version", row.Version),
                ("$first", row.FirstWrite), ("$expires", row.ExpiresAt?.ToUnixTimeMilliseconds())).ExecuteNonQuery();
    }

    public int RemoveExpired(SqliteDatabase db, DateTimeOffset now) =>
        db.Prepare(_expire, ("$now", now.ToUnixTimeMilliseconds())).ExecuteNonQuery();
}
