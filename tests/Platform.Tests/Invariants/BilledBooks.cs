using System.Data.Common;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>Everything that the services' databases say about money, and what the phones did for it.</summary>
sealed record BilledBooks(
    IReadOnlyDictionary<Guid, AccountRow> Accounts, IReadOnlyList<BillRow> Bills, IReadOnlyList<ChargeRow> Charges,
    IReadOnlyList<DayRow> Days, IReadOnlyList<OrderRow> Orders, IReadOnlyList<PaymentRow> Payments,
    IReadOnlyList<RefundRow> Refunds, IReadOnlyList<InvoiceRow> Invoices, IReadOnlyList<ToldRow> Told,
    IReadOnlyList<MoveRow> Moves, IReadOnlyDictionary<Guid, SizeRow> Sizes, IReadOnlyList<CardRow> Cards)
{
    public static BilledBooks Read(RunningPlatform platform)
    {
        using var users = platform.OpenDatabase(AppIds.Users);
        using var billing = platform.OpenDatabase(AppIds.Billing);
        using var devices = platform.OpenDatabase(AppIds.Devices);
        var entries = users.Rows("user_id, version, amount, balance_after, reason, cause_id FROM ledger_entries", r =>
            (User: r.Id(0), Entry: new LedgerRow(
                r.GetInt64(1), r.GetDecimal(2), r.GetDecimal(3), r.GetString(4), r.Id(5))))
            .ToLookup(e => e.User, e => e.Entry);
        return new(
            users.Rows("user_id, balance FROM accounts", r => (User: r.Id(0), Balance: r.GetDecimal(1)))
                .ToDictionary(a => a.User, a => new AccountRow(a.Balance, [.. entries[a.User]])),
            ReadBills(billing),
            billing.Rows("payload FROM outbox WHERE type = 'billing.usage_charged'", r => ChargeRow.Of(r.GetString(0))),
            billing.Rows("device_id, user_id, day, seconds, amount FROM daily_usage", r => new DayRow(
                r.Id(0), r.Id(1), r.GetFieldValue<DateOnly>(2), r.GetInt64(3), r.GetDecimal(4))),
            billing.Rows("id, status, payment_id, refunded_amount FROM orders", r => new OrderRow(
                r.Id(0), r.GetString(1), r.IsDBNull(2) ? null : r.Id(2), r.GetDecimal(3))),
            billing.Rows("id, order_id, user_id, amount, status, as_top_up FROM payments", r => new PaymentRow(
                r.Id(0), r.Id(1), r.Id(2), r.GetDecimal(3), r.GetString(4), r.GetBoolean(5))),
            billing.Rows("id, order_id, payment_id, user_id, amount, status, actor_id FROM refunds", r => new RefundRow(
                r.Id(0), r.Id(1), r.Id(2), r.Id(3), r.GetDecimal(4), r.GetString(5), !r.IsDBNull(6))),
            billing.Rows("number, user_id, amount, payment_id, refund_id FROM invoices", r => new InvoiceRow(
                r.GetString(0), r.Id(1), r.GetDecimal(2), r.Id(3), r.IsDBNull(4) ? null : r.Id(4))),
            billing.Rows("user_id, balance, version FROM user_balances", r => new ToldRow(
                r.Id(0), r.GetDecimal(1), r.GetInt64(2))),
            devices.Rows("device_id, \"from\", \"to\", at, version FROM device_history "
                + "WHERE \"from\" IS DISTINCT FROM \"to\"", r => new MoveRow(
                r.Id(0), r.Text(1), r.Text(2), r.Time(3), r.GetInt64(4))),
            devices.Rows("id, cpu_cores, memory_gb, storage_gb FROM devices", r => (Id: r.Id(0), Size: new SizeRow(
                r.GetInt32(1), r.GetInt32(2), r.IsDBNull(3) ? 0 : r.GetInt32(3)))).ToDictionary(d => d.Id, d => d.Size),
            billing.Rows(
                "valid_from, base_per_hour, per_core_hour, per_gb_hour, per_storage_gb_hour FROM rates",
                r => new CardRow(
                    r.Time(0), r.GetDecimal(1), r.GetDecimal(2), r.GetDecimal(3), r.GetDecimal(4))));
    }

    static List<BillRow> ReadBills(DbConnection billing) => billing.Rows(
        """
        id, device_id, user_id, status, started_at, stopped_at, paused_ms, included_seconds, price_per_hour,
        charged_seconds, charged_amount, changes <> charged_changes FROM usage_records
        """, r =>
        {
            var ran = r.IsDBNull(4) || r.IsDBNull(5) ? TimeSpan.Zero : r.Time(5) - r.Time(4);
            return new BillRow(
                r.Id(0), r.Id(1), r.Id(2), r.GetString(3), r.IsDBNull(4) ? null : r.Time(4),
                Math.Max(0, (long)ran.TotalMilliseconds - r.GetInt64(6)) / 1000, r.GetInt64(7), r.GetDecimal(8),
                r.GetInt64(9), r.GetDecimal(10), r.GetBoolean(11));
        });
}
