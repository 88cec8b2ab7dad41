using CloudPhone.Contracts;
using CloudPhone.Devices;
using CloudPhone.Devices.Actors;
using CloudPhone.Devices.Balances;
using CloudPhone.Devices.Health;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Suspensions;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;

return await CloudPhoneHost.RunAsync(args, AppIds.Devices,
    builder =>
    {
        builder.AddDatabase<DeviceDb>();
        builder.AddDevices();
    },
    app =>
    {
        app.MapDevices();
        app.MapDeviceActors();
        app.MapSubscription<BillingBalanceExhausted>(BalanceEvents.OnExhausted);
        app.MapSubscription<UserBalanceUpdated>(BalanceEvents.OnBalanceUpdated);
        app.MapSubscription<UserSuspended>(SuspensionEvents.OnSuspended);
        app.MapSubscription<UserReinstated>(SuspensionEvents.OnReinstated);
        app.MapSubscription<SchedulerActionDue>(DeviceEvents.OnActionDue);
        app.MapSubscription<SchedulerNodeDown>(NodeDown.OnNodeDown);
    });
