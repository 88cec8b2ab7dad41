using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Payments.Sandbox;

/// <summary>
/// The page that plays the payer. Whoever knows the payment's id, which nobody can guess, may pay. Where there is no
/// sandbox nothing is found.
/// </summary>
static class SandboxPage
{
    const string Route = "/api/billing/sandbox/pay/";

    public static string PathOf(Guid paymentId) => Route + paymentId;

    public static void MapSandbox(this IEndpointRouteBuilder routes)
    {
        var page = routes.MapGroup(Route + "{paymentId}").AllowAnonymous().WithTags("Payments");
        page.MapGet("", Show).WithName("SandboxPage").WithSummary("The sandbox's page with the buttons Pay and Refuse.")
            .Produces(200, contentType: "text/html").ProducesProblem(404);
        page.MapPost("", Press).WithName("SandboxPay")
            .WithSummary("What the buttons send, as a form: outcome is pay or refuse. Answers with the page's address.")
            .Accepts<SandboxForm>("application/x-www-form-urlencoded").WithMetadata(new BodyLimit(4096))
            .Produces(303).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    static async Task<IResult> Show(
        string paymentId, HttpResponse response, BillingDb db, PaymentProviders providers, TimeProvider clock,
        CancellationToken ct) =>
        Sandbox(providers) is not null && await FindAsync(db, paymentId, ct) is { } payment
            ? Page(response, payment, IsOver(payment, clock)) : Problems.NotFound("payment");

    /// <summary>By the clock: the worker that ends it may come later.</summary>
    static bool IsOver(Payment payment, TimeProvider clock) =>
        payment.Status != PaymentStatus.Pending || payment.ExpiresAt <= clock.GetUtcNow();

    static async Task<IResult> Press(
        string paymentId, HttpRequest request, BillingDb db, PaymentProviders providers, Settlement settlement,
        TimeProvider clock, CancellationToken ct)
    {
        if (Sandbox(providers) is not { } sandbox || await FindAsync(db, paymentId, ct) is not { } payment)
            return Problems.NotFound("payment");
        var outcome = request.HasFormContentType ? (await request.ReadFormAsync(ct))["outcome"].ToString() : "";
        if (outcome is not ("pay" or "refuse"))
            return Problems.BadRequest("bad-request", "outcome is pay or refuse, in a form.");
        // a real provider's page is closed by then; a second click on a button is no mistake
        if (IsOver(payment, clock)
            && payment.Status != (outcome == "pay" ? PaymentStatus.Succeeded : PaymentStatus.Failed))
            return Problems.Conflict("payment-over", "This payment is over. Begin another one, or another order.");
        // the way of a callback, signature and all, except for the network
        var (body, signature) = sandbox.Tell(payment, outcome == "pay", clock.GetUtcNow());
        var headers = new HeaderDictionary { [SandboxProvider.SignatureHeader] = signature };
        await settlement.ApplyAsync(sandbox.Name, sandbox.Read(body, headers, clock.GetUtcNow())!, ct);
        return new SeeOther(PathOf(payment.Id));
    }

    static SandboxProvider? Sandbox(PaymentProviders providers) =>
        providers.Find(SandboxProvider.ProviderName) as SandboxProvider;

    /// <summary>A text that is no id finds nothing, as an id that nobody has: without a route for it the caller would
    /// be asked for a token.</summary>
    static async Task<Payment?> FindAsync(BillingDb db, string paymentId, CancellationToken ct) =>
        Guid.TryParse(paymentId, out var id)
            ? await db.Payments.AsNoTracking()
                .SingleOrDefaultAsync(p => p.Id == id && p.Provider == SandboxProvider.ProviderName, ct)
            : null;

    static IResult Page(HttpResponse response, Payment payment, bool isOver)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'nonce-{nonce}'; "
            + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        return Results.Text(Html(payment, nonce, isOver), "text/html; charset=utf-8");
    }

    static string Html(Payment payment, string nonce, bool isOver) =>
        $"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>Sandbox payment</title>
        <style nonce="{nonce}">
          body {"{"} font: 1.1rem sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem {"}"}
          button {"{"} font: inherit; padding: .5rem 1.5rem; margin-right: 1rem {"}"}
        </style>
        <h1>Sandbox payment</h1>
        <p>No money moves here. / 此处不涉及真实资金。</p>
        <p><strong>{payment.Amount.ToString("0.00", CultureInfo.InvariantCulture)} {Text(payment.Currency)}</strong></p>
        <p>Order {payment.OrderId}<br>Payment {payment.Id}</p>
        {Rest(payment, isOver)}
        </html>
        """;

    static string Rest(Payment payment, bool isOver) => !isOver
        ? """
          <form method="post">
          <button name="outcome" value="pay">Pay / 支付</button>
          <button name="outcome" value="refuse">Refuse / 拒绝</button>
          </form>
          """
        : $"<p>This payment is over: <strong>{Text(Word(payment.Status))}</strong></p>";

    static string Word(PaymentStatus status) =>
        (status == PaymentStatus.Pending ? PaymentStatus.Expired : status).ToString().ToLowerInvariant();

    static string Text(string text) => WebUtility.HtmlEncode(text);

    sealed record SandboxForm(string Outcome);

    /// <summary>After a form the browser reads the page: a reload sends nothing again.</summary>
    sealed class SeeOther(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = path;
            return Task.CompletedTask;
        }
    }
}
