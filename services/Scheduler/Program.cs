using CloudPhone.Contracts;
using CloudPhone.Scheduler;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Scheduler.Reservations;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;

return await CloudPhoneHost.RunAsync(args, AppIds.Scheduler,
    builder =>
    {
        builder.AddDatabase<SchedulerDb>();
        builder.AddScheduler();
    },
    app =>
    {
        app.MapScheduler();
        app.MapSubscription<DeviceCreated>(DeviceEvents.OnDeviceCreated);
        app.MapSubscription<DeviceDeleted>(DeviceEvents.OnDeviceDeleted);
        app.MapSubscription<UserSuspended>(Suspensions.OnSuspended);
        app.MapSubscription<UserReinstated>(Suspensions.OnReinstated);
    });
