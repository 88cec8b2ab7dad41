using System.Globalization;
using PdfSharp;
using PdfSharp.Drawing;
using PdfSharp.Pdf;

namespace CloudPhone.Billing.Invoices.Pdf;

/// <summary>
/// An invoice as a page of A4, in Chinese and English. It is made from the row each time that it is asked for: the row
/// says all that is on it.
/// </summary>
static class InvoicePdf
{
    const double Edge = 56;
    const double End = 595 - Edge;
    const double Middle = 320;

    static readonly XFont Title = InvoiceFonts.Bold(20);
    static readonly XFont Name = InvoiceFonts.Bold(15);
    static readonly XFont Strong = InvoiceFonts.Bold(10);
    static readonly XFont Text = InvoiceFonts.Plain(10);
    static readonly XFont Label = InvoiceFonts.Plain(8);

    public static string FileNameOf(Invoice invoice) => $"{invoice.Number}.pdf";

    public static byte[] Write(Invoice invoice)
    {
        using var document = new PdfDocument();
        document.Info.Title = invoice.Number;
        document.Info.Author = invoice.SellerName;
        document.Info.CreationDate = invoice.IssuedAt.UtcDateTime;
        var page = document.AddPage();
        page.Size = PageSize.A4;
        using (var graphics = XGraphics.FromPdfPage(page))
        {
            var sheet = new Sheet(graphics);
            var y = Head(sheet, invoice);
            y = Parties(sheet, invoice, y + 18);
            y = Items(sheet, invoice, y + 24);
            Correction(sheet, invoice, y + 22);
            Foot(sheet);
        }
        using var bytes = new MemoryStream();
        document.Save(bytes);
        return bytes.ToArray();
    }

    static bool IsCredit(Invoice invoice) => invoice.Kind != InvoiceKind.Invoice;

    static (string Title, string PaidAt, string Corrects) Words(Invoice invoice) => invoice.Kind switch
    {
        InvoiceKind.CreditNote => ("贷项通知单 CREDIT NOTE", "退款日期 Refunded", "冲减的发票 Takes back invoice"),
        InvoiceKind.Reversal => ("贷项通知单冲销 REVERSAL", "退款失败日期 Refund failed", "冲销的通知单 Takes back credit note"),
        _ => ("发票 INVOICE", "支付日期 Paid", ""),
    };

    static double Head(Sheet sheet, Invoice invoice)
    {
        var left = sheet.Left(invoice.SellerName, Name, Edge, Edge, Middle - Edge - 16);
        if (invoice.SellerDetails is { } details)
            left = sheet.Left(details, Label, Edge, left, Middle - Edge - 16, Sheet.Grey);
        var right = sheet.Right(
            Words(invoice).Title, Title, End, Edge - 4, End - Middle + 16);
        right = sheet.Right(invoice.Number, Text, End, right, End - Middle, Sheet.Grey);
        var y = Math.Max(left, right) + 10;
        sheet.Rule(Edge, End, y, 1.5, Sheet.Ink);
        return y;
    }

    static double Parties(Sheet sheet, Invoice invoice, double y)
    {
        var left = Field(sheet, "购买方 Bill to", invoice.BuyerName, Edge, y, Middle - Edge - 16, Strong);
        left = Field(sheet, "用户编号 User", invoice.UserId.ToString(), Edge, left, Middle - Edge - 16);
        left = Field(sheet, "订单 Order", invoice.OrderId.ToString(), Edge, left, Middle - Edge - 16);
        left = Field(sheet, "支付 Payment", invoice.PaymentId.ToString(), Edge, left, Middle - Edge - 16);
        var right = Field(sheet, "开具日期 Issued", Time(invoice.IssuedAt), Middle, y, End - Middle);
        right = Field(sheet, Words(invoice).PaidAt, Time(invoice.PaidAt), Middle, right, End - Middle);
        right = Field(sheet, "支付方式 Paid by", invoice.Provider, Middle, right, End - Middle);
        right = Field(sheet, "币种 Currency", invoice.Currency, Middle, right, End - Middle);
        return Math.Max(left, right);
    }

    static double Field(Sheet sheet, string label, string value, double x, double y, double width, XFont? font = null)
    {
        y = sheet.Left(label, Label, x, y, width, Sheet.Grey);
        return sheet.Left(value, font ?? Text, x, y, width) + 5;
    }

    static double Items(Sheet sheet, Invoice invoice, double y)
    {
        const double quantityEnd = 355, priceEnd = 450;
        var months = IsCredit(invoice) ? 1 : invoice.Months ?? 1; // what goes back is a sum, not months
        sheet.Band(Edge, y, End - Edge, 22);
        sheet.Left("项目 Item", Label, Edge + 8, y + 6, 200, Sheet.Grey);
        sheet.Right("数量 Quantity", Label, quantityEnd, y + 6, 80, Sheet.Grey);
        sheet.Right("单价 Unit price", Label, priceEnd, y + 6, 90, Sheet.Grey);
        sheet.Right("金额 Amount", Label, End - 8, y + 6, 90, Sheet.Grey);
        y += 31;
        sheet.Right(months.ToString(CultureInfo.InvariantCulture), Text, quantityEnd, y, 80);
        sheet.Right(Money(invoice.Amount / months), Text, priceEnd, y, 90);
        sheet.Right(Money(invoice.Amount), Text, End - 8, y, 90);
        y = Item(sheet, invoice, Edge + 8, y, 215) + 8;
        sheet.Rule(Edge, End, y);
        y += 10;
        sheet.Right("合计 Total", Strong, priceEnd - 40, y, 150);
        return sheet.Right($"{invoice.Currency} {Money(invoice.Amount)}", Strong, End - 8, y, 120);
    }

    static double Item(Sheet sheet, Invoice invoice, double x, double y, double width)
    {
        if (invoice.Item == InvoicedItem.TopUp)
            return sheet.Left("账户余额充值 Top-up of the balance", Text, x, y, width);
        y = sheet.Left($"套餐 Plan {invoice.PlanName}", Text, x, y, width);
        return IsCredit(invoice) ? y
            : sheet.Left("每月按 30 天计 · months of 30 days", Label, x, y, width, Sheet.Grey);
    }

    static void Correction(Sheet sheet, Invoice invoice, double y)
    {
        if (!IsCredit(invoice))
            return;
        y = Field(sheet, Words(invoice).Corrects, invoice.CorrectsNumber!, Edge, y, End - Edge);
        Field(sheet, "原因 Reason", invoice.Reason!, Edge, y, End - Edge);
    }

    static void Foot(Sheet sheet)
    {
        sheet.Rule(Edge, End, 772);
        const string note = "本单据由系统开具，无需签章。Issued electronically and valid without a signature. "
            + "时间均为 UTC。Times are in UTC.";
        sheet.Left(note, Label, Edge, 780, End - Edge, Sheet.Grey);
    }

    static string Money(decimal amount) => amount.ToString("#,0.00", CultureInfo.InvariantCulture);

    static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
