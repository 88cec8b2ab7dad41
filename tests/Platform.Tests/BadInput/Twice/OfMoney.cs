using CloudPhone.Platform.Tests.Money;
using static CloudPhone.Platform.Tests.BadInput.Twice.Submission;

namespace CloudPhone.Platform.Tests.BadInput.Twice;

static class OfMoney
{
    public static IReadOnlyList<(string Name, Submission Submission)> All { get; } =
    [
        ("POST /api/billing/orders", ByKey("orders", s => Task.FromResult(s.ByUser(
            "POST", "/api/billing/orders", new { amount = 10, provider = "sandbox" })))),
        ("POST /api/billing/orders/{id}/pay", Once(null, async s => s.ByUser(
            "POST", $"/api/billing/orders/{(await SandboxPayer.OrderAsync(s.User, 10)).OrderId}/pay"))),
        ("POST /api/billing/orders/{id}/cancel", Once(null, async s => s.ByUser(
            "POST", $"/api/billing/orders/{(await SandboxPayer.OrderAsync(s.User, 10)).OrderId}/cancel"))),
        ("POST /api/billing/payments/callback/{provider}", Unkept("provider_events", async s =>
        {
            var (order, id) = (await SandboxPayer.OrderAsync(s.User, 10), $"evt_{Guid.NewGuid():N}");
            return _ => s.Payer.TellAsync(order, id);
        })),
        ("POST /api/billing/sandbox/pay/{paymentId}", Unkept("provider_events", async s =>
        {
            var order = await SandboxPayer.OrderAsync(s.User, 10);
            return s.Upload(null, "POST", $"/api/billing/sandbox/pay/{order.PaymentId}",
                () => new FormUrlEncodedContent([new("outcome", "pay")]));
        })),
        ("POST /api/billing/orders/{id}/refund", Once("refunds", async s => s.ByAdmin(
            "POST", $"/api/billing/orders/{(await s.PaidOrderAsync()).OrderId}/refund", new { reason = "twice" }))),
        ("POST /api/billing/plans", Once("plans", s => Task.FromResult(NewPlan(s)))),
        ("PATCH /api/billing/plans/{id}", Once(null, async s => s.ByAdmin("PATCH",
            $"/api/billing/plans/{await Submitter.MadeAsync(NewPlan(s))}", new { name = "Once" }))),
        ("POST /api/billing/rates", Once("rates", s => Task.FromResult(s.ByAdmin("POST", "/api/billing/rates", new
        {
            // of its own instant, far ahead: nothing is ever charged by it here
            validFrom = DateTimeOffset.UtcNow.AddYears(9), basePerHour = 1, perCoreHour = 1, perGBHour = 1,
            perStorageGBHour = 0,
        })))),
    ];

    static Send NewPlan(Submitter s) => s.ByAdmin("POST", "/api/billing/plans", new
    {
        code = $"t{Guid.NewGuid():N}"[..12], name = "Twice", pricePerMonth = 1, includedHours = 1, maxDevices = 1,
        totalCpuCores = 1, totalMemoryGB = 1, isActive = false,
    });
}
