using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Tests.Invoices;
using CloudPhone.Billing.Tests.Refunds;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Tests.Payments;

public sealed class StripeRefundTests : IAsyncLifetime
{
    FakeStripe _stripe = null!;
    FakeLedger _ledger = null!;
    PayService _service = null!;

    public async ValueTask InitializeAsync()
    {
        (_stripe, _ledger) = (await FakeStripe.StartAsync(), await FakeLedger.StartAsync());
        _service = new([_ledger.Setting, .. _stripe.Settings]);
    }

    string SessionId => Assert.Single(_stripe.Sessions.Values)["id"]!.ToString();

    async Task<string> TellAsync(string type, JsonObject about)
    {
        var body = FakeStripe.Event(type, about);
        using var answer = await _service.CallBackAsync(
            body, _service.Sign(body, secret: FakeStripe.WebhookSecret), "stripe", "Stripe-Signature");
        return await PayService.OutcomeAsync(answer);
    }

    Task<string> TellPaidAsync() => TellAsync("checkout.session.completed", _stripe.Pay(SessionId));

    async Task<RefundView> RefundAsync(OrderAnswer order, decimal amount)
    {
        using var client = _service.As(Guid.CreateVersion7(), Roles.Operator);
        using var answer = await client.PostAsJsonAsync(
            $"/api/billing/orders/{order.OrderId}/refund", new { amount, reason = "r" });
        return (await answer.Content.ReadFromJsonAsync<RefundView>(PayService.Json))!;
    }

    Task UntilAsync(OrderAnswer order, RefundStatus status) => _service.UntilAsync($"a refund {status}", async () =>
        (await _service.GetAsync(order.OrderId)).Refunds is [.., var last] && last.Status == status);

    [Fact]
    public async Task A_refund_is_made_once_whatever_fails_on_the_way()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        _stripe.LateFailures = 3; // both tries of the first attempt, and one more
        await RefundAsync(order, 2.5m);
        await UntilAsync(order, RefundStatus.Completed);
        var refund = Assert.Single(_stripe.Refunds.Values);
        Assert.Equal((250, $"pi_{SessionId}"), (refund["amount"]!.GetValue<long>(), $"{refund["payment_intent"]}"));
        Assert.Equal("duplicate", await TellAsync("refund.updated", refund));
        Assert.Single(await _service.PublishedAsync<BillingPaymentRefunded>());
        Assert.Equal(997.5m, _ledger.Balance);
    }

    [Theory]
    [InlineData("succeeded", RefundStatus.Completed, 990)]
    [InlineData("failed", RefundStatus.Refused, 1000)]
    public async Task A_refund_that_takes_days_ends_when_Stripe_tells(string told, RefundStatus end, decimal balance)
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        _stripe.RefundStatus = "pending";
        await RefundAsync(order, 10);
        await _service.UntilAsync("the refund at Stripe", () => Task.FromResult(!_stripe.Refunds.IsEmpty));
        await UntilAsync(order, RefundStatus.Held);
        var refund = Assert.Single(_stripe.Refunds.Values);
        refund["status"] = told;
        Assert.Equal("applied", await TellAsync(told == "failed" ? "refund.failed" : "refund.updated", refund));
        await UntilAsync(order, end);
        Assert.Equal(balance, _ledger.Balance);
        Assert.Equal(end == RefundStatus.Completed ? 1 : 0,
            (await _service.PublishedAsync<BillingPaymentRefunded>()).Count);
    }

    [Fact]
    public async Task What_was_paid_back_at_Stripe_by_hand_is_known_here()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        var byHand = _stripe.NewRefund($"pi_{SessionId}", 400);
        Assert.Equal("applied", await TellAsync("refund.created", byHand));
        Assert.Equal("duplicate", await TellAsync("refund.updated", byHand));
        var told = Assert.Single(await _service.PublishedAsync<BillingPaymentRefunded>());
        Assert.Equal((4m, order.OrderId, "paid back at stripe"), (told.Amount, told.OrderId, told.Reason));
        Assert.Equal(4m, (await _service.GetAsync(order.OrderId)).RefundedAmount);
        using var client = _service.As(Guid.CreateVersion7(), Roles.Operator);
        using var more = await client.PostAsJsonAsync(
            $"/api/billing/orders/{order.OrderId}/refund", new { amount = 6.01, reason = "r" });
        Assert.Equal("more-than-paid", await PayService.ProblemAsync(more, HttpStatusCode.Conflict));
    }

    /// <summary>Only the answer to the call that makes a refund can be Stripe's refusal of it.</summary>
    [Theory]
    [InlineData("list")]
    [InlineData("get")]
    public async Task A_question_that_is_refused_releases_nothing(string question)
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        if (question == "list")
            _stripe.LateFailures = 2; // it is made, and nobody knows: the next attempt looks for it
        else
            _stripe.RefundStatus = "pending"; // the next attempt asks for it
        _stripe.ReadRefusal = "resource_missing";
        var asked = await RefundAsync(order, 10);
        // before the clock moves: a first attempt that loses its lease would ask, and make none
        await Wait.UntilAsync("the refund at Stripe", () => !_stripe.Refunds.IsEmpty);
        await _service.UntilAsync("several questions", () => Task.FromResult(
            _stripe.Calls.Count(c => c.Call.StartsWith("GET", StringComparison.Ordinal)) > 2),
            TimeSpan.FromMinutes(1));
        Assert.Equal((990m, 10m), (_ledger.Balance, _ledger.Holds[asked.Id]));
        Assert.Equal(RefundStatus.Held, (await _service.GetAsync(order.OrderId)).Refunds[0].Status);
        _stripe.ReadRefusal = null;
        foreach (var refund in _stripe.Refunds.Values)
            refund["status"] = "succeeded";
        await _service.UntilAsync("its end", async () => (await _service.GetAsync(order.OrderId)).Refunds[0].Status
            == RefundStatus.Completed, TimeSpan.FromMinutes(1));
        Assert.Single(_stripe.Refunds);
        Assert.Equal(990, _ledger.Balance);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refund_that_fails_after_all_is_undone(bool byHand)
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        JsonObject refund;
        if (byHand)
            await TellAsync("refund.created", refund = _stripe.NewRefund($"pi_{SessionId}", 1000));
        else
        {
            await RefundAsync(order, 10);
            await UntilAsync(order, RefundStatus.Completed);
            refund = Assert.Single(_stripe.Refunds.Values);
        }
        Assert.Equal(OrderStatus.Refunded, (await _service.GetAsync(order.OrderId)).Status);
        (refund["status"], refund["failure_reason"]) = ("failed", "expired_or_canceled_card");
        Assert.Equal("applied", await TellAsync("refund.failed", refund));
        Assert.Equal("duplicate", await TellAsync("charge.refund.updated", refund));

        var told = Assert.Single(await _service.PublishedAsync<BillingRefundFailed>());
        var view = await _service.GetAsync(order.OrderId);
        Assert.Equal((view.Refunds[0].Id, order.PaymentId, _service.User, 10m, "expired_or_canceled_card"),
            (told.RefundId, told.PaymentId, told.UserId, told.Amount, told.Reason));
        Assert.Equal((OrderStatus.Paid, 0m, RefundStatus.Failed, "expired_or_canceled_card"),
            (view.Status, view.RefundedAmount, view.Refunds[0].Status, view.Refunds[0].Failure));
        var invoices = (await _service.InvoicesAsync()).OrderBy(i => i.Number, StringComparer.Ordinal).ToList();
        Assert.Equal(
            [("INV-202611-000001", InvoiceKind.Invoice, InvoiceStatus.Paid, 10m, null),
                ("INV-202611-000002", InvoiceKind.CreditNote, InvoiceStatus.Reversed, -10m, "INV-202611-000001"),
                ("INV-202611-000003", InvoiceKind.Reversal, InvoiceStatus.Paid, 10m, "INV-202611-000002")],
            invoices.Select(i => (i.Number, i.Kind, i.Status, i.Amount, i.CorrectsNumber)));
        Assert.Equal([null, "credit-note", "credit-note-reversal"],
            (await _service.PublishedAsync<BillingInvoiceGenerated>())
                .OrderBy(e => e.Number, StringComparer.Ordinal).Select(e => e.Kind));
        using var client = _service.As(_service.User);
        using var page = await client.GetAsync($"/api/billing/invoices/{invoices[2].Id}/pdf");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var staff = _service.As(Guid.CreateVersion7(), Roles.Operator);
        var revenue = await staff.GetStringAsync("/api/billing/revenue");
        Assert.Contains("\"refunds\":0", revenue);

        _stripe.RefundStatus = "succeeded";
        await RefundAsync(order, 10); // and it can be tried again
        await UntilAsync(order, RefundStatus.Completed);
        Assert.Equal(OrderStatus.Refunded, (await _service.GetAsync(order.OrderId)).Status);
    }

    [Fact]
    public async Task What_a_failed_refund_of_a_plan_gave_back_is_taken_from_the_balance_by_the_next_one()
    {
        var plan = await _service.InDatabaseAsync(
            db => db.Set<Billing.Plans.Plan>().SingleAsync(p => p.Code == "basic"));
        var order = await _service.OrderAsync(new { planId = plan.Id });
        await TellPaidAsync();
        await RefundAsync(order, order.Amount);
        await UntilAsync(order, RefundStatus.Completed);
        Assert.Equal(1000, _ledger.Balance); // its price was in no balance
        var refund = Assert.Single(_stripe.Refunds.Values);
        refund["status"] = "failed";
        Assert.NotNull((await _service.GetAsync(order.OrderId)).PlanCode);
        Assert.Equal("applied", await TellAsync("refund.failed", refund));
        var view = await _service.GetAsync(order.OrderId); // the plan is over, and its price is a top-up
        Assert.Equal((OrderStatus.Paid, null, null, true),
            (view.Status, view.PlanCode, view.Months, view.Payments[0].AsTopUp));

        var again = await RefundAsync(order, order.Amount);
        await UntilAsync(order, RefundStatus.Completed);
        Assert.Equal(1000 - order.Amount, _ledger.Balance);
        var told = (await _service.PublishedAsync<BillingPaymentRefunded>()).Single(e => e.RefundId == again.Id);
        Assert.Equal((null, null), (told.PlanCode, told.PlanEndsAt));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _stripe.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
