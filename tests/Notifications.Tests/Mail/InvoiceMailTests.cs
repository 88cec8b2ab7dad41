using System.Text;
using CloudPhone.Contracts;
using CloudPhone.Notifications.Mail;
using CloudPhone.Shared.Work;
using CloudPhone.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;

namespace CloudPhone.Notifications.Tests.Mail;

/// <summary>The receipt: a mail with the invoice, which the billing service has.</summary>
public sealed class InvoiceMailTests : IAsyncLifetime
{
    static readonly Guid Invoice = Guid.CreateVersion7();
    readonly Guid _user = Guid.CreateVersion7();
    int _status = StatusCodes.Status200OK;
    int _asked;
    StandIn _billing = null!;
    TestService<NotificationsDb> _service = null!;

    public async ValueTask InitializeAsync()
    {
        _billing = await StandIn.StartAsync(app => app.MapGet("/internal/invoices/pdf", (Guid id) =>
        {
            Interlocked.Increment(ref _asked);
            return _status == StatusCodes.Status200OK && id == Invoice
                ? Results.File("%PDF-1.7 of the invoice"u8.ToArray(), "application/pdf")
                : Results.StatusCode(_status);
        }));
        _service = new(("BILLING_SERVICE_URL", _billing.Address));
    }

    BillingInvoiceGenerated Generated(decimal amount = 100, string? kind = null) => new(
        Invoice, "INV-202611-000007", _user, amount, "CNY", Samples.At, Guid.CreateVersion7(), kind);

    async Task RegisterAsync(string language)
    {
        await _service.TakesAsync(Samples.Registered(_user, language));
        await _service.SettledAsync();
    }

    static string ContentOf(MimeMessage mail)
    {
        var part = Assert.IsType<MimePart>(Assert.Single(mail.Attachments));
        Assert.Equal(("application/pdf", "INV-202611-000007.pdf"), (part.ContentType.MimeType, part.FileName));
        using var bytes = new MemoryStream();
        part.Content!.DecodeTo(bytes);
        return Encoding.ASCII.GetString(bytes.ToArray());
    }

    [Theory]
    [InlineData("en", null, "Invoice INV-202611-000007", "It is attached as a PDF.")]
    [InlineData("zh-CN", null, "发票 INV-202611-000007", "PDF 文件见附件。")]
    [InlineData("en", "credit-note", "Credit note INV-202611-000007", "-30.50 CNY")]
    [InlineData("zh-CN", "credit-note", "贷项通知单 INV-202611-000007", "-30.50 CNY")]
    public async Task An_invoice_is_mailed_once_with_its_page(
        string language, string? kind, string subject, string says)
    {
        await RegisterAsync(language);
        var e = Generated(kind is null ? 100 : -30.5m, kind);
        await _service.TakesAsync(e, "e-1");
        await _service.TakesAsync(e, "e-1");
        var mail = (await _service.MailsAsync(2))[1];
        Assert.Equal(subject, mail.Subject);
        Assert.Contains(says, mail.TextBody, StringComparison.Ordinal);
        Assert.Contains(says, mail.HtmlBody, StringComparison.Ordinal);
        Assert.Equal("%PDF-1.7 of the invoice", ContentOf(mail));
        await _service.SettledAsync();
        Assert.Equal(1, _asked);
    }

    [Theory]
    [InlineData(StatusCodes.Status503ServiceUnavailable)]
    [InlineData(StatusCodes.Status404NotFound)]
    public async Task While_billing_has_no_page_the_mail_waits_and_then_brings_it(int status)
    {
        await RegisterAsync("en");
        _status = status;
        await _service.TakesAsync(Generated());
        var mail = await WaitingAsync();
        Assert.Equal((MailState.Pending, 1), (mail.State, mail.Attempts));
        Assert.Single(await _service.MailsAsync(1)); // the welcome
        _status = StatusCodes.Status200OK;
        await ChangeAsync(m => m.NextAttemptAt = DateTimeOffset.UtcNow);
        Assert.Equal("%PDF-1.7 of the invoice", ContentOf((await _service.MailsAsync(2))[1]));
        Assert.Equal([MailState.Sent, MailState.Sent], (await _service.SettledAsync()).Select(m => m.State));
    }

    [Fact]
    public async Task The_last_try_goes_without()
    {
        await RegisterAsync("en");
        _status = StatusCodes.Status503ServiceUnavailable;
        await _service.TakesAsync(Generated());
        await WaitingAsync();
        await ChangeAsync(m => (m.NextAttemptAt, m.Attempts) = (DateTimeOffset.UtcNow, MailWorker.MaxAttempts - 1));
        var mail = (await _service.MailsAsync(2))[1];
        Assert.Empty(mail.Attachments);
        Assert.DoesNotContain("attached", mail.TextBody, StringComparison.Ordinal);
    }

    /// <summary>The mail after its first try.</summary>
    async Task<OutgoingMail> WaitingAsync()
    {
        OutgoingMail? mail = null;
        await Wait.UntilAsync("the first try", async () => (mail = await _service.InDatabaseAsync(db => Task.FromResult(
            ((NotificationsDb)db).Mails.Single(m => m.Type == BillingInvoiceGenerated.EventName)))).Error is not null);
        return mail!;
    }

    /// <summary>Instead of waiting for the pause.</summary>
    async Task ChangeAsync(Action<OutgoingMail> change)
    {
        await _service.InDatabaseAsync(async db =>
        {
            change(((NotificationsDb)db).Mails.Single(m => m.State == MailState.Pending));
            return await db.SaveChangesAsync();
        });
        _service.Services.GetRequiredService<WorkSignals>().Of<OutgoingMail>().Wake();
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _billing.DisposeAsync();
    }
}
