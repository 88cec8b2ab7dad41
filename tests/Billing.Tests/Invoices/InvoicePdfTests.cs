using System.Net;
using System.Net.Http.Json;
using System.Text;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Billing.Tests.Refunds;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using UglyToad.PdfPig;

namespace CloudPhone.Billing.Tests.Invoices;

public sealed class InvoicePdfTests : IAsyncLifetime
{
    const string Internal = "/internal/invoices/pdf?id=";

    FakeLedger _ledger = null!;
    PayService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _ledger = await FakeLedger.StartAsync();
        _service = new(_ledger.Setting, ("INVOICE_SELLER", "云手机有限公司"));
    }

    static string PathOf(InvoiceView invoice) => $"{InvoiceApi.Path}/{invoice.Id}/pdf";

    /// <summary>What a reader sees on the one page.</summary>
    async Task<string> TextAsync(InvoiceView invoice)
    {
        using var client = _service.As(_service.User);
        using var answer = await client.GetAsync(PathOf(invoice));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return TextOf(await answer.Content.ReadAsByteArrayAsync());
    }

    static string TextOf(byte[] pdf)
    {
        using var document = PdfDocument.Open(pdf);
        return Assert.Single(document.GetPages()).Text;
    }

    async Task RefundAsync(OrderAnswer order, decimal amount, string reason)
    {
        using var client = _service.As(Guid.CreateVersion7(), Roles.Operator);
        (await client.PostAsJsonAsync($"/api/billing/orders/{order.OrderId}/refund", new { amount, reason }))
            .EnsureSuccessStatusCode();
        await _service.UntilAsync("the refund", async () =>
            (await _service.GetAsync(order.OrderId)).Refunds[^1].Status == RefundStatus.Completed);
    }

    [Fact]
    public async Task It_says_in_both_languages_who_paid_what()
    {
        var order = await _service.PaidAsync(new { amount = 1234.5 });
        var invoice = Assert.Single(await _service.InvoicesAsync());
        using var client = _service.As(_service.User);
        using var answer = await client.GetAsync(PathOf(invoice));
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment; filename=INV-202611-000001.pdf; filename*=UTF-8''INV-202611-000001.pdf",
            answer.Content.Headers.ContentDisposition?.ToString());
        var text = TextOf(await answer.Content.ReadAsByteArrayAsync());
        foreach (var part in new[]
        {
            "发票 INVOICE", "INV-202611-000001", "云手机有限公司", invoice.BuyerName, "账户余额充值 Top-up", "1,234.50",
            "合计 Total", "CNY", "2026-11-22 12:00", "sandbox", order.OrderId.ToString(), order.PaymentId.ToString(),
        })
            Assert.Contains(part, text);
    }

    [Fact]
    public async Task A_plan_is_there_by_month_and_what_goes_back_with_its_reason()
    {
        using var client = _service.As(_service.User);
        var plan = (await client.GetFromJsonAsync<Page<Plan>>("/api/billing/plans", PayService.Json))!
            .Items.Single(p => p.Code == "pro");
        var order = await _service.PaidAsync(new { planId = plan.Id, months = 4 });
        var text = await TextAsync((await _service.InvoicesAsync())[0]);
        Assert.Contains("套餐 Plan Pro", text);
        Assert.Contains("299.00", text);
        Assert.Contains("1,196.00", text);

        await RefundAsync(order, 100, "手机运行太慢 too slow");
        text = await TextAsync((await _service.InvoicesAsync())[0]);
        foreach (var part in new[]
        {
            "贷项通知单 CREDIT NOTE", "INV-202611-000002", "INV-202611-000001", "手机运行太慢 too slow", "-100.00",
        })
            Assert.Contains(part, text);
        Assert.DoesNotContain("1,196.00", text);
    }

    [Theory]
    [InlineData("😀 עברית ไทย 한국어 龘")]
    [InlineData("\u0301 e\u0301 \u202e\u200f")]
    [InlineData("WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW")]
    [InlineData("( ) \\ < > % / ((")]
    public async Task Whatever_the_text_is_there_is_a_page(string reason)
    {
        var order = await _service.PaidAsync(new { amount = 1_000_000 });
        await RefundAsync(order, 1, reason);
        Assert.Contains("-1.00", await TextAsync((await _service.InvoicesAsync())[0]));
    }

    [Fact]
    public async Task Many_at_once_are_each_their_own()
    {
        for (var i = 1; i <= 10; i++)
            await _service.PaidAsync(new { amount = i }, version: i);
        var invoices = await _service.InvoicesAsync();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async i =>
            Assert.Contains(invoices[i % 10].Number, await TextAsync(invoices[i % 10]))));
    }

    [Fact]
    public async Task It_is_for_its_owner_and_operators_and_on_a_route_of_its_own_for_services()
    {
        await _service.PaidAsync(new { amount = 7 });
        var invoice = Assert.Single(await _service.InvoicesAsync());
        using var staff = _service.As(Guid.CreateVersion7(), Roles.Operator);
        using var other = _service.As(Guid.CreateVersion7());
        using var nobody = _service.Anonymous();
        using var sibling = _service.AsService(AppIds.Notifications);
        async Task<int> StatusAsync(HttpClient client, string path) => (int)(await client.GetAsync(path)).StatusCode;
        Assert.Equal(200, await StatusAsync(staff, PathOf(invoice)));
        Assert.Equal(404, await StatusAsync(other, PathOf(invoice)));
        Assert.Equal(404, await StatusAsync(staff, $"{InvoiceApi.Path}/{Guid.CreateVersion7()}/pdf"));
        Assert.Equal(401, await StatusAsync(nobody, PathOf(invoice)));
        Assert.Equal(401, await StatusAsync(sibling, PathOf(invoice)));
        Assert.Equal(401, await StatusAsync(staff, Internal + invoice.Id));
        Assert.Equal(401, await StatusAsync(nobody, Internal + invoice.Id));
        Assert.Equal(404, await StatusAsync(sibling, Internal + Guid.CreateVersion7()));
        Assert.Equal(400, await StatusAsync(sibling, Internal + "x"));
        Assert.Equal("%PDF", Encoding.ASCII.GetString(await sibling.GetByteArrayAsync(Internal + invoice.Id), 0, 4));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
