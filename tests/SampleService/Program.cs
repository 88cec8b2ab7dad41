using CloudPhone.Contracts;
using CloudPhone.SampleService;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;

// The smallest service there is: what Shared gives is tested through it.
return await CloudPhoneHost.RunAsync(args, AppIds.Apps,
    builder =>
    {
        builder.AddDatabase<NotesDb>();
        builder.Services.AddHttpClient();
        builder.Services.AddHostedService<ChoreWorker>();
    },
    app =>
    {
        app.MapNotes();
        app.MapChores();
        app.MapSubscription<DeviceCreated>(Notes.OnDeviceCreated);
    });
