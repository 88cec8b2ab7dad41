using System.Net.Http.Headers;
using System.Net.Http.Json;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Billing.Tests.Refunds;

/// <summary>
/// SIGKILL while a step was done by others and not yet answered: whoever comes next goes on from there.
/// </summary>
public sealed class RefundCrashTests : IAsyncLifetime
{
    readonly TaskCompletionSource _never = new();
    FakeStripe _stripe = null!;
    FakeLedger _ledger = null!;
    PayService _next = null!;

    public async ValueTask InitializeAsync()
    {
        (_stripe, _ledger) = (await FakeStripe.StartAsync(), await FakeLedger.StartAsync());
        _next = new([_ledger.Setting, .. _stripe.Settings]);
        _next.Clock.SetUtcNow(DateTimeOffset.UtcNow); // the first service is a process with the real time
    }

    HttpClient Client(Uri address, string role) => new()
    {
        BaseAddress = address,
        DefaultRequestHeaders =
        {
            Authorization = new AuthenticationHeaderValue("Bearer", _next.Tokens.User(_next.User, [role])),
        },
    };

    /// <returns>The order, with a refund that is asked for.</returns>
    async Task<Guid> BeginAsync(Uri address)
    {
        using var user = Client(address, Roles.User);
        using var placed = await user.PostAsJsonAsync("/api/billing/orders", new { amount = 10 });
        var order = (await placed.Content.ReadFromJsonAsync<OrderAnswer>(PayService.Json))!;
        var body = FakeStripe.Event("checkout.session.completed", _stripe.Pay(_stripe.Sessions.Keys.Single()));
        using var callback = new HttpRequestMessage(HttpMethod.Post, "/api/billing/payments/callback/stripe")
        {
            Content = new StringContent(body),
            Headers = { { "Stripe-Signature", _next.Sign(body, secret: FakeStripe.WebhookSecret) } },
        };
        Assert.Equal("applied", await PayService.OutcomeAsync(await user.SendAsync(callback)));
        using var staff = Client(address, Roles.Operator);
        (await staff.PostAsJsonAsync($"/api/billing/orders/{order.OrderId}/refund", new { reason = "r" }))
            .EnsureSuccessStatusCode();
        return order.OrderId;
    }

    [Theory]
    [InlineData("hold", RefundStatus.Completed)]
    [InlineData("refund", RefundStatus.Completed)]
    [InlineData("release", RefundStatus.Refused)]
    public async Task A_refund_goes_on_where_a_killed_process_left_it(string step, RefundStatus end)
    {
        Func<bool> reached;
        if (step == "refund")
            (_stripe.RefundGate, reached) = (_never.Task, () => !_stripe.Refunds.IsEmpty);
        else
            reached = () => _ledger.Holds.Values.Any(h => (h == 0) == (step == "release"));
        if (step == "hold")
            _ledger.Gate = _never.Task;
        if (step == "release")
            (_stripe.RefundStatus, _ledger.ReleaseGate) = ("failed", _never.Task);
        Guid order;
        await using (var process = ServiceProcess.Start<BillingDb>(_next.Settings))
        {
            order = await BeginAsync(await process.AddressAsync());
            await Wait.UntilAsync($"the {step}", reached);
            await process.KillAsync();
        }
        (_ledger.Gate, _ledger.ReleaseGate, _stripe.RefundGate) =
            (Task.CompletedTask, Task.CompletedTask, Task.CompletedTask);
        await _next.UntilAsync("the refund's end", async () =>
            (await _next.GetAsync(order)).Refunds.Single().Status == end);
        Assert.Single(_stripe.Refunds);
        Assert.Single(_ledger.Holds);
        Assert.Equal(end == RefundStatus.Completed ? 990 : 1000, _ledger.Balance);
        Assert.Equal(end == RefundStatus.Completed ? 1 : 0,
            (await _next.PublishedAsync<BillingPaymentRefunded>()).Count);
    }

    public async ValueTask DisposeAsync()
    {
        await _next.DisposeAsync();
        _never.TrySetResult();
        await _stripe.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
