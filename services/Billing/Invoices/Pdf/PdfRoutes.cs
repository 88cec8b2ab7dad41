using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Invoices.Pdf;

static class PdfRoutes
{
    const string Pdf = "application/pdf";

    public static void MapInvoicePdfs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/billing/invoices/{id:guid}/pdf", Get).WithName("GetInvoicePdf").WithTags("Invoices")
            .WithSummary("One invoice as a page to keep, in Chinese and English.")
            .Produces(200, contentType: Pdf).ProducesProblem(404);
        routes.MapGet("/internal/invoices/pdf", GetForSibling).RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
    }

    static Task<IResult> Get(Guid id, CurrentUser user, BillingDb db, CancellationToken ct) =>
        FileAsync(db.VisibleInvoices(user), id, ct);

    /// <summary>For the mail that brings it.</summary>
    static Task<IResult> GetForSibling(Guid id, BillingDb db, CancellationToken ct) => FileAsync(db.Invoices, id, ct);

    static async Task<IResult> FileAsync(IQueryable<Invoice> invoices, Guid id, CancellationToken ct) =>
        await invoices.AsNoTracking().SingleOrDefaultAsync(i => i.Id == id, ct) is { } invoice
            ? TypedResults.File(InvoicePdf.Write(invoice), Pdf, InvoicePdf.FileNameOf(invoice))
            : Problems.NotFound("invoice");
}
