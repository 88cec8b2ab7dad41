using CloudPhone.Contracts;
using CloudPhone.SampleService;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;

// The smallest service there is: what Shared gives is tested through it.
// As another service than the app service it only publishes.
var appId = Environment.GetEnvironmentVariable("APP_ID") ?? AppIds.Apps;
return await CloudPhoneHost.RunAsync(args, appId,
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
        app.MapLoad();
        app.MapMeasured();
        if (appId != AppIds.Apps)
            return;
        app.MapSubscription<DeviceCreated>(Notes.OnDeviceCreated);
        if (app.Configuration["MEASURED"] == "true")
            app.MapSubscription<DeviceStarted>(Measured.OnStarted);
    });
