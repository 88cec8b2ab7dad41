using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments.Sandbox;
using CloudPhone.Billing.Payments.Stripe;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Refunds;

namespace CloudPhone.Billing.Payments;

static class PaymentSetup
{
    /// <exception cref="Shared.Hosting.SettingException">A setting is missing or wrong.</exception>
    public static void AddPayments(this WebApplicationBuilder builder)
    {
        var options = PaymentOptions.Read(builder.Configuration);
        builder.Services.AddSingleton(options).AddSingleton<PaymentProviders>();
        if (options.Stripe is { } stripe)
            builder.Services.AddSingleton<IPaymentProvider>(
                s => ActivatorUtilities.CreateInstance<StripeProvider>(s, stripe, options.ReturnUrl));
        if (options.SandboxSecret is { } secret)
            builder.Services.AddSingleton<IPaymentProvider>(new SandboxProvider(secret, options.PublicUrl));
        builder.Services.AddScoped<Settlement>().AddScoped<Checkout>().AddScoped<Ledger>()
            .AddScoped<RefundSaga>().AddScoped<RefundChanges>().AddScoped<ToldRefunds>().AddScoped<PlanNotice>();
        builder.Services.AddHostedService<OrderWorker>().AddHostedService<PaymentWorker>()
            .AddHostedService<RefundWorker>();
    }

    public static void MapPayments(this IEndpointRouteBuilder routes)
    {
        routes.MapOrders();
        routes.MapCallbacks();
        routes.MapSandbox();
    }
}
