using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPhone.Users.Migrations
{
    /// <summary>
    /// What was before suspensions were told, and before plans had terms. A SQLite file of that time is refused as one
    /// of another version.
    /// </summary>
    public partial class SuspensionsAndPlansOfBefore : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // nobody was told of them; who was suspended since has an event, and is not mailed another time
            migrationBuilder.Sql("""
                INSERT INTO outbox (id, type, payload, created_at, next_attempt_at, attempts)
                SELECT gen_random_uuid(), 'user.suspended', json_build_object(
                    'userId', u.id, 'username', u.username, 'email', u.email,
                    'reason', coalesce(u.suspended_reason, ''), 'suspendedAt',
                    to_char(u.suspended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
                    'version', u.version)::text, now(), now(), 0
                FROM users u
                WHERE u.suspended_at IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM outbox o
                    WHERE o.type = 'user.suspended' AND (o.payload::json ->> 'userId')::uuid = u.id)
                """);

            // a plan was the quota itself, and the last one counted until the end that all of them had together: so it
            // goes on, to that very end, unless an operator has set something else since. Without it users have what
            // the newest account has that nobody gave or sold anything. The sweep puts in force what is theirs now.
            migrationBuilder.Sql("""
                WITH bought AS (
                    SELECT DISTINCT ON (l.user_id) l.user_id, l.payment_id, left(l.note, 32) AS code,
                        q.own_max_devices, q.own_total_cpu_cores, q.own_total_memory_gb, q.own_valid_until,
                        greatest(1, ceil(extract(epoch FROM q.own_valid_until - l.created_at - interval '1 hour')
                            / extract(epoch FROM interval '720 hours')))::int AS months
                    FROM ledger_entries l JOIN quotas q ON q.user_id = l.user_id
                    WHERE l.reason = 'plan' AND l.payment_id IS NOT NULL AND q.own_valid_until IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM plan_terms t WHERE t.payment_id = l.payment_id)
                        AND NOT EXISTS (SELECT 1 FROM audit_entries a
                            WHERE a.user_id = l.user_id AND a.act = 'quota-changed' AND a.at > l.created_at)
                    ORDER BY l.user_id, l.version DESC
                ), made AS (
                    INSERT INTO plan_terms (payment_id, user_id, code, months, max_devices, total_cpu_cores,
                        total_memory_gb, paid_at)
                    SELECT payment_id, user_id, code, months, own_max_devices, own_total_cpu_cores,
                        own_total_memory_gb, own_valid_until - months * interval '720 hours'
                    FROM bought
                    RETURNING user_id
                ), usual AS (
                    SELECT q.own_max_devices, q.own_total_cpu_cores, q.own_total_memory_gb, u.created_at
                    FROM quotas q JOIN users u ON u.id = q.user_id
                    WHERE NOT EXISTS (SELECT 1 FROM ledger_entries l WHERE l.user_id = u.id AND l.reason = 'plan')
                        AND NOT EXISTS (
                            SELECT 1 FROM audit_entries a WHERE a.user_id = u.id AND a.act = 'quota-changed')
                    UNION ALL SELECT 5, 16, 32, '-infinity'
                    ORDER BY created_at DESC LIMIT 1
                )
                UPDATE quotas q SET own_max_devices = usual.own_max_devices,
                    own_total_cpu_cores = usual.own_total_cpu_cores,
                    own_total_memory_gb = usual.own_total_memory_gb, own_valid_until = NULL, changes_at = now()
                FROM made, usual WHERE q.user_id = made.user_id
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // what was told stays told, and a term says no less than the limits did
        }
    }
}
