using CloudPhone.Billing.Balances;

namespace CloudPhone.Billing.Charging;

static class ChargingSetup
{
    public static void AddCharging(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(ChargingOptions.Read(builder.Configuration));
        builder.Services.AddHostedService<ChargingWorker>().AddHostedService<GraceWorker>();
    }
}
