using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Charging;

/// <summary>
/// PostgreSQL charges everything with one statement: records, included hours, days and events change together or not at
/// all. It does what <see cref="Charge.Of"/> does row by row, and tests hold the two to the same results. What is
/// MATERIALIZED would otherwise be computed once for each of its uses.
/// </summary>
static class ChargeStatement
{
    /// <summary>Any constant: it is the charging's own lock, which ends with the transaction.</summary>
    const long TurnLock = 5_021_001;

    /// <param name="Charged">How many events were written.</param>
    /// <param name="Unfinished">How many records have more to be charged, from the next day on.</param>
    public sealed record Counts(long Charged, long Unfinished);

    /// <summary>
    /// Records that an event has in hand are passed over until the next step. A replica that has lost its lease and
    /// does not know it yet waits here, and then sees what was charged meanwhile.
    /// </summary>
    public static async Task<Counts> RunAsync(BillingDb db, bool all, DateTimeOffset now, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({TurnLock})", ct);
        var ids = Guid.CreateVersion7(now).ToString()[..15]; // time and version; the rest is made for each row
        var (requestId, trace) = (RequestId.Current, Cause.TraceParent);
        return (await db.Database.SqlQuery<Counts>($$"""
            WITH due AS (
                SELECT id, device_id, user_id, started_at, stopped_at, paused_at, paused_ms, price_per_hour, changes,
                    charged_changes, charged_seconds, included_seconds, charged_amount,
                    coalesce(u.charged_until, u.started_at, {{now}}) AS begins,
                    coalesce(u.stopped_at, u.paused_at, {{now}}) AS ends
                FROM usage_records u
                WHERE (status = 'Open' OR changes <> charged_changes) AND ({{all}} OR status <> 'Open')
                FOR UPDATE SKIP LOCKED
            ), timed AS MATERIALIZED (
                SELECT due.*, greatest(begins,
                    least(ends, date_trunc('day', begins, 'UTC') + interval '24 hours')) AS until
                FROM due
            ), metered AS MATERIALIZED (
                SELECT timed.*, CASE WHEN until < ends THEN greatest(m.seconds, charged_seconds) ELSE m.seconds END
                    - charged_seconds AS seconds
                FROM timed, LATERAL (SELECT (greatest(0,
                    trunc(extract(epoch FROM least(stopped_at, until) - started_at) * 1000) - paused_ms
                    - CASE WHEN paused_at < until THEN trunc(extract(epoch FROM until - paused_at) * 1000) ELSE 0 END
                    )::bigint / 1000) AS seconds) m
            ), covered AS MATERIALIZED (
                SELECT m.*, s.id AS subscription_id, (CASE
                    WHEN m.seconds < 0 THEN -greatest(0, -m.seconds - (m.charged_seconds - m.included_seconds))
                    WHEN s.id IS NULL THEN 0
                    ELSE greatest(0, least(m.seconds, greatest(0, s.included_seconds - s.used_seconds) + m.seconds
                        - sum(greatest(0, m.seconds)) OVER (PARTITION BY s.id ORDER BY m.begins, m.device_id, m.id)))
                    END)::bigint AS included
                FROM metered m LEFT JOIN subscriptions s
                    ON s.user_id = m.user_id AND s."from" <= m.begins AND m.begins < s.until
            ), priced AS (
                SELECT covered.*, round(price_per_hour
                    * (charged_seconds + seconds - included_seconds - included) / 3600, 6) - charged_amount AS amount
                FROM covered
            ), charges AS (
                SELECT priced.*, seconds <> 0 OR amount <> 0 OR until < ends AS is_charge FROM priced
            ), recorded AS (
                UPDATE usage_records u SET
                    charged_until = CASE WHEN c.is_charge THEN c.until ELSE u.charged_until END,
                    charged_seconds = u.charged_seconds + c.seconds,
                    included_seconds = u.included_seconds + c.included,
                    charged_amount = u.charged_amount + c.amount,
                    charged_changes = CASE WHEN c.until < c.ends THEN u.charged_changes ELSE c.changes END
                FROM charges c WHERE u.id = c.id AND (c.is_charge OR u.changes <> u.charged_changes)
            ), used AS (
                UPDATE subscriptions s SET used_seconds = greatest(0, s.used_seconds + t.included)
                FROM (SELECT subscription_id, sum(included)::bigint AS included
                    FROM charges WHERE included <> 0 GROUP BY subscription_id) t
                WHERE s.id = t.subscription_id
            ), days AS (
                SELECT device_id, user_id, (begins AT TIME ZONE 'UTC')::date AS day, sum(seconds)::bigint AS seconds,
                    sum(included)::bigint AS included, sum(amount) AS amount
                FROM charges WHERE is_charge GROUP BY device_id, user_id, day
            ), added AS (
                UPDATE daily_usage d SET seconds = d.seconds + n.seconds,
                    included_seconds = d.included_seconds + n.included, amount = d.amount + n.amount
                FROM days n WHERE (d.device_id, d.day, d.user_id) = (n.device_id, n.day, n.user_id)
                RETURNING d.device_id, d.day, d.user_id
            ), counted AS (
                INSERT INTO daily_usage (id, device_id, user_id, day, seconds, included_seconds, amount)
                SELECT (regexp_replace(lpad(to_hex(extract(epoch FROM day)::bigint * 1000), 12, '0'),
                        '^(.*)(....)$', '\1-\2-7') || substr(gen_random_uuid()::text, 16))::uuid,
                    device_id, user_id, day, seconds, included, amount
                FROM days WHERE NOT EXISTS (SELECT FROM added a
                    WHERE (a.device_id, a.day, a.user_id) = (days.device_id, days.day, days.user_id))
            ), told AS (
                INSERT INTO outbox (
                    id, type, payload, trace_parent, request_id, created_at, next_attempt_at, attempts)
                SELECT event_id, 'billing.usage_charged', concat( -- of nothing that would have to be escaped
                        '{"chargeId":"', event_id, '","usageId":"', id, '","deviceId":"', device_id,
                        '","userId":"', user_id, '","amount":', amount, ',"currency":"CNY","seconds":', seconds,
                        ',"from":"', to_char(begins AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
                        '","to":"', to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
                        '"', ',"includedSeconds":' || nullif(included, 0), '}'),
                    {{trace}}, {{requestId}}, {{now}}, {{now}}, 0
                FROM (SELECT charges.*, ({{ids}} || substr(gen_random_uuid()::text, 16))::uuid AS event_id
                    FROM charges WHERE is_charge) e
            )
            SELECT count(*) FILTER (WHERE is_charge) AS charged, count(*) FILTER (WHERE until < ends) AS unfinished
            FROM charges
            """).ToListAsync(ct))[0];
    }
}
