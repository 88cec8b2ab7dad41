using CloudPhone.Contracts;
using CloudPhone.Notifications;
using CloudPhone.Notifications.DeadLetters;
using CloudPhone.Notifications.Kinds;
using CloudPhone.Notifications.Mail;
using CloudPhone.Notifications.People;
using CloudPhone.Notifications.Push;
using CloudPhone.Notifications.Stored;
using CloudPhone.Notifications.Texts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;

return await CloudPhoneHost.RunAsync(args, AppIds.Notifications,
    builder =>
    {
        builder.AddDatabase<NotificationsDb>();
        builder.Services.AddSingleton(NotificationOptions.Read(builder.Configuration)).AddSingleton<TextCatalogue>();
        builder.AddPush();
        builder.AddMail();
        builder.Services.AddHostedService<Retention>();
    },
    app =>
    {
        app.MapNotifications();
        app.MapPreferences();
        app.MapDeadLetters();
        app.MapPush();
        app.MapKinds();
    });
