using System.Globalization;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Invoices;

static class InvoiceNumbers
{
    /// <summary>
    /// The month's row, as it is now. Whoever writes an invoice waits here for the others, in the transaction of the
    /// invoice: a number that is taken and not used would be a gap.
    /// </summary>
    public static async Task<InvoiceMonth> TakeTurnAsync(this BillingDb db, DateTimeOffset now, CancellationToken ct)
    {
        var month = now.UtcDateTime.ToString("yyyyMM", CultureInfo.InvariantCulture);
        var row = db.Set<InvoiceMonth>().Where(m => m.Month == month);
        while (await row.ExecuteUpdateAsync(s => s.SetProperty(m => m.Last, m => m.Last), ct) == 0)
        {
            var first = db.Add(new InvoiceMonth { Month = month });
            try
            {
                await db.SaveChangesAsync(ct);
                return first.Entity;
            }
            catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
            {
                first.State = EntityState.Detached; // another invoice was faster: wait behind it
            }
        }
        var turn = await row.SingleAsync(ct);
        await db.Entry(turn).ReloadAsync(ct); // it may have been in memory from before the turn
        return turn;
    }

    /// <summary>The next number, which is used with the change of this row.</summary>
    public static string Next(this InvoiceMonth month) => string.Create(
        CultureInfo.InvariantCulture, $"INV-{month.Month}-{++month.Last:000000}");
}
