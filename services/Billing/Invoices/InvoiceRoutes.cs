using CloudPhone.Billing.Invoices.Pdf;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Invoices;

static class InvoiceRoutes
{
    /// <exception cref="Shared.Hosting.SettingException">A setting is wrong.</exception>
    public static void AddInvoices(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(InvoiceOptions.Read(builder.Configuration)).AddScoped<Invoicing>();

    public static void MapInvoices(this IEndpointRouteBuilder routes)
    {
        var invoices = routes.MapGroup("/api/billing/invoices").WithTags("Invoices");
        invoices.MapGet("", List).WithName("ListInvoices")
            .WithSummary("Invoices and credit notes, newest first. Users see their own, operators all.");
        invoices.MapGet("/{id:guid}", Get).WithName("GetInvoice").WithSummary("One invoice.").ProducesProblem(404);
        routes.MapInvoicePdfs();
    }

    static async Task<Ok<Page<InvoiceView>>> List(
        PageRequest page, Guid? userId, Guid? orderId, CurrentUser user, BillingDb db, CancellationToken ct)
    {
        var invoices = db.VisibleInvoices(user);
        if (userId is not null)
            invoices = invoices.Where(i => i.UserId == userId);
        if (orderId is not null)
            invoices = invoices.Where(i => i.OrderId == orderId);
        var found = await invoices.ToPageAsync(page, ct);
        return TypedResults.Ok(new Page<InvoiceView>(await db.ViewsAsync(found.Items, ct), found.NextCursor));
    }

    static async Task<Results<Ok<InvoiceView>, ProblemHttpResult>> Get(
        Guid id, CurrentUser user, BillingDb db, CancellationToken ct) =>
        await db.VisibleInvoices(user).AsNoTracking().SingleOrDefaultAsync(i => i.Id == id, ct) is { } invoice
            ? TypedResults.Ok((await db.ViewsAsync([invoice], ct))[0]) : Problems.NotFound("invoice");

    public static IQueryable<Invoice> VisibleInvoices(this BillingDb db, CurrentUser user) =>
        db.Invoices.Where(i => user.IsOperator || i.UserId == user.Id);
}
