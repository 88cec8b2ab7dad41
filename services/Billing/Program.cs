using CloudPhone.Billing;
using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Rates;
using CloudPhone.Billing.Usage;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;

return await CloudPhoneHost.RunAsync(args, AppIds.Billing,
    builder => builder.AddDatabase<BillingDb>(),
    app =>
    {
        app.MapUsage();
        app.MapRates();
        app.MapPlans();
        app.MapDeviceEvents();
    });
