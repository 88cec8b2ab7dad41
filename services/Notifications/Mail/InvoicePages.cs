using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Http;

namespace CloudPhone.Notifications.Mail;

/// <summary>A file that a mail brings, a PDF.</summary>
sealed record Attachment(string FileName, byte[] Content);

/// <summary>Gets invoices from the billing service when their mails are written.</summary>
sealed class InvoicePages([FromKeyedServices(AppIds.Billing)] Sibling billing)
{
    /// <returns>Null: it is another kind of mail.</returns>
    /// <exception cref="SiblingUnavailableException">Try again later.</exception>
    public async Task<Attachment?> ForAsync(OutgoingMail mail, CancellationToken ct)
    {
        if (mail.Type != BillingInvoiceGenerated.EventName)
            return null;
        var e = JsonSerializer.Deserialize<BillingInvoiceGenerated>(mail.Data, EventJson.Options)!;
        await using var page = await billing.GetStreamAsync($"/internal/invoices/pdf?id={e.InvoiceId}", ct)
            ?? throw new InvalidOperationException($"The {AppIds.Billing} does not know invoice {e.Number}.");
        using var bytes = new MemoryStream();
        await page.CopyToAsync(bytes, ct);
        return new($"{e.Number}.pdf", bytes.ToArray());
    }
}
