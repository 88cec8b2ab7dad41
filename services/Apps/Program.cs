using CloudPhone.Apps;
using CloudPhone.Apps.Installs;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;

return await CloudPhoneHost.RunAsync(args, AppIds.Apps,
    builder =>
    {
        builder.AddDatabase<AppDb>();
        builder.AddApps();
    },
    app =>
    {
        app.MapApps();
        app.MapSubscription<DeviceCreated>(DeviceEvents.OnDeviceCreated);
        app.MapSubscription<DeviceDeleted>(DeviceEvents.OnDeviceDeleted);
    });
