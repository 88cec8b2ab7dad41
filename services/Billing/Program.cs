using CloudPhone.Billing;
using CloudPhone.Billing.Charging;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Rates;
using CloudPhone.Billing.Revenue;
using CloudPhone.Billing.Usage;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;

return await CloudPhoneHost.RunAsync(args, AppIds.Billing,
    builder =>
    {
        builder.AddDatabase<BillingDb>();
        builder.AddCharging();
        builder.AddPayments();
        builder.AddInvoices();
    },
    app =>
    {
        app.MapUsage();
        app.MapRates();
        app.MapPlans();
        app.MapPayments();
        app.MapInvoices();
        app.MapRevenue();
        app.MapCharging();
    });
