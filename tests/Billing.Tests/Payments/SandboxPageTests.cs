using System.Net;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Testing;

namespace CloudPhone.Billing.Tests.Payments;

public sealed class SandboxPageTests : IAsyncDisposable
{
    readonly PayService _service = new();

    static async Task<HttpResponseMessage> PressAsync(HttpClient client, Guid paymentId, string outcome)
    {
        using var form = new FormUrlEncodedContent([new("outcome", outcome)]);
        return await client.PostAsync($"/api/billing/sandbox/pay/{paymentId}", form);
    }

    HttpClient Browser()
    {
        using var client = _service.Anonymous();
        return new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = client.BaseAddress };
    }

    [Fact]
    public async Task The_page_shows_the_sum_and_loads_nothing_from_anywhere()
    {
        var order = await _service.OrderAsync(new { amount = 12.5 });
        using var browser = Browser();
        using var page = await browser.GetAsync(new Uri(order.PayUrl).AbsolutePath);
        Assert.Equal(("text/html", "nosniff"), (page.Content.Headers.ContentType?.MediaType,
            page.Headers.GetValues("X-Content-Type-Options").Single()));
        Assert.StartsWith("default-src 'none'; style-src 'nonce-",
            page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.True(page.Headers.CacheControl?.NoStore);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("12.50 CNY", html);
        Assert.Contains("value=\"pay\"", html);
        Assert.DoesNotContain("http", html);
        Assert.DoesNotContain("src=", html);
    }

    [Theory]
    [InlineData("pay", PaymentStatus.Succeeded, OrderStatus.Paid)]
    [InlineData("refuse", PaymentStatus.Failed, OrderStatus.Pending)]
    public async Task A_button_counts_once(string outcome, PaymentStatus payment, OrderStatus order)
    {
        var placed = await _service.OrderAsync(new { amount = 10 });
        using var browser = Browser();
        for (var click = 0; click < 3; click++)
        {
            using var answer = await PressAsync(browser, placed.PaymentId, outcome);
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
            Assert.Equal(new Uri(placed.PayUrl).AbsolutePath, answer.Headers.Location?.ToString());
        }
        var view = await _service.GetAsync(placed.OrderId);
        Assert.Equal((payment, order), (view.Payments[0].Status, view.Status));
        Assert.Equal(outcome == "pay" ? 1 : 0, (await _service.PaidAsync()).Count);
        Assert.Contains("This payment is over",
            await browser.GetStringAsync($"/api/billing/sandbox/pay/{placed.PaymentId}"));
    }

    [Fact]
    public async Task Other_clicks_change_nothing()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        using var browser = Browser();
        using var bad = await PressAsync(browser, order.PaymentId, "steal");
        await PayService.ProblemAsync(bad, HttpStatusCode.BadRequest);
        using var none = await browser.PostAsync($"/api/billing/sandbox/pay/{order.PaymentId}", null);
        await PayService.ProblemAsync(none, HttpStatusCode.BadRequest);
        using var big = await PressAsync(browser, order.PaymentId, new string('x', 5000));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, big.StatusCode);
        using var unknown = await PressAsync(browser, Guid.CreateVersion7(), "pay");
        await PayService.ProblemAsync(unknown, HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.NotFound,
            (await browser.GetAsync($"/api/billing/sandbox/pay/{Guid.CreateVersion7()}")).StatusCode);
        Assert.Equal(PaymentStatus.Pending, (await _service.GetAsync(order.OrderId)).Payments[0].Status);
    }

    [Theory]
    [InlineData("its time is over")]
    [InlineData("the order was given up")]
    public async Task Its_buttons_are_for_payments_that_are_open(string why)
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        if (why == "its time is over")
            _service.Clock.SetUtcNow(order.ExpiresAt); // whether its worker has run or not
        else
            (await _service.PostAsync($"/api/billing/orders/{order.OrderId}/cancel")).Dispose();
        using var browser = Browser();
        foreach (var outcome in (string[])["pay", "refuse"])
        {
            using var answer = await PressAsync(browser, order.PaymentId, outcome);
            Assert.Equal("payment-over", await PayService.ProblemAsync(answer, HttpStatusCode.Conflict));
        }
        Assert.DoesNotContain("value=\"pay\"", await browser.GetStringAsync(new Uri(order.PayUrl).AbsolutePath));
        Assert.Empty(await _service.PaidAsync());
    }

    [Fact]
    public async Task Where_it_is_off_there_is_neither_page_nor_callback()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await using var off = new TestService<BillingDb>(("PAYMENT_SANDBOX", "false"));
        using var browser = off.Anonymous();
        Assert.Equal(HttpStatusCode.NotFound, (await PressAsync(browser, order.PaymentId, "pay")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound,
            (await browser.GetAsync($"/api/billing/sandbox/pay/{order.PaymentId}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound,
            (await browser.PostAsync("/api/billing/payments/callback/sandbox", null)).StatusCode);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
