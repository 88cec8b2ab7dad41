using Microsoft.Data.Sqlite;

namespace CloudPhone.Sidecar.State.Sqlite;

/// <summary>Reminders in a table beside the state, in the same file.</summary>
sealed class SqliteReminderTable(SqliteDatabase database, SqliteSettings settings, string appId) : IReminderTable
{
    readonly string _load = $"""
        SELECT actor_type, actor_id, name, due_time, period, data, next_at, repeats_left, expires_at
        FROM {settings.Table}_reminders WHERE app_id = $app
        """;

    readonly string _put = $"""
        INSERT OR REPLACE INTO {settings.Table}_reminders
            (app_id, actor_type, actor_id, name, due_time, period, data, next_at, repeats_left, expires_at)
        VALUES ($app, $type, $id, $name, $due, $period, $data, $next, $repeats, $expires)
        """;

    readonly string _delete = $"""
        DELETE FROM {settings.Table}_reminders
        WHERE app_id = $app AND actor_type = $type AND actor_id = $id AND name = $name
        """;

    public Task<IReadOnlyList<ReminderRecord>> LoadAsync(CancellationToken ct) =>
        database.RunAsync<IReadOnlyList<ReminderRecord>>(db =>
        {
            List<ReminderRecord> all = [];
            using var r = db.Prepare(_load, ("$app", appId)).ExecuteReader();
            while (r.Read())
                all.Add(Read(r));
            return all;
        }, settings.Timeout, ct);

    public Task PutAsync(ReminderRecord reminder, CancellationToken ct) => database.RunAsync(db =>
        db.Prepare(_put, ("$app", appId), ("$type", reminder.Key.ActorType), ("$id", reminder.Key.ActorId),
            ("$name", reminder.Key.Name), ("$due", reminder.DueTime), ("$period", reminder.Period),
                ("$data", reminder.Data),
            ("$next", reminder.NextAt.ToUnixTimeMilliseconds()), ("$repeats", reminder.RepeatsLeft),
            ("$expires", reminder.ExpiresAt?.ToUnixTimeMilliseconds())).ExecuteNonQuery(), settings.Timeout, ct);

    public Task DeleteAsync(ReminderKey key, CancellationToken ct) => database.RunAsync(db =>
        db.Prepare(_delete, ("$app", appId), ("$type", key.ActorType), ("$id", key.ActorId),
            ("$name", key.Name)).ExecuteNonQuery(), settings.Timeout, ct);

    static ReminderRecord Read(SqliteDataReader r) => new(
        new(r.GetString(0), r.GetString(1), r.GetString(2)), r.GetString(3), r.GetString(4),
        r.IsDBNull(5) ? null : (byte[])r.GetValue(5), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(6)),
        r.IsDBNull(7) ? null : r.GetInt32(7),
        r.IsDBNull(8) ? null : DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(8)));
}
