using CloudPhone.Contracts;
using CloudPhone.Media;
using CloudPhone.Media.Sessions;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;

return await CloudPhoneHost.RunAsync(args, AppIds.Media,
    builder =>
    {
        builder.AddDatabase<MediaDb>();
        builder.AddMedia();
    },
    app =>
    {
        app.MapMedia();
        app.MapSubscription<DeviceStopped>(DeviceEvents.OnStopped);
        app.MapSubscription<DeviceDeleted>(DeviceEvents.OnDeleted);
    });
