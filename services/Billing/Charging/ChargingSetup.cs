using CloudPhone.Billing.Balances;
using CloudPhone.Billing.Metering;
using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;

namespace CloudPhone.Billing.Charging;

static class ChargingSetup
{
    public static void AddCharging(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(ChargingOptions.Read(builder.Configuration));
        builder.Services.AddHostedService<ChargingWorker>().AddHostedService<GraceWorker>();
    }

    /// <summary>The events that it lives on.</summary>
    public static void MapCharging(this IEndpointRouteBuilder routes)
    {
        routes.MapDeviceEvents();
        routes.MapSubscription<UserBalanceUpdated>(BalanceEvents.OnBalanceUpdated);
    }
}
