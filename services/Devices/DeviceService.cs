using CloudPhone.Adb;
using CloudPhone.Devices.Actors;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Health;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Phones;
using CloudPhone.Devices.Placement;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Providers.Docker;
using CloudPhone.Devices.Providers.Simulated;
using CloudPhone.Devices.Quotas;
using CloudPhone.Devices.Sharing;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Devices.Supervision;
using CloudPhone.Devices.Templates;
using CloudPhone.Devices.Tunnels;

namespace CloudPhone.Devices;

static class DeviceService
{
    public static void AddDevices(this WebApplicationBuilder builder)
    {
        var options = DeviceOptions.Read(builder.Configuration);
        builder.Services.AddSingleton(options);
        if (options.Docker is { } docker)
            builder.Services.AddDocker(docker);
        else
            builder.Services.AddSingleton<IDeviceProvider, SimulatedProvider>()
                .AddSingleton(new PhoneFiles(options.PhonesFolder)).AddSingleton<PhoneProcesses>()
                .AddSingleton<PhoneControl>();
        builder.Services.AddSingleton<AdbPhones>()
            .AddSingleton(s => PhoneFinder.Of(s.GetRequiredService<IDeviceProvider>()));
        builder.Services.AddScoped<DeviceMoves>().AddScoped<DeviceWork>().AddScoped<Commands>().AddScoped<Creation>()
            .AddScoped<Teardown>()
            .AddScoped<Booting>().AddScoped<PowerOff>().AddScoped<Recovery>().AddScoped<PhoneCheck>();
        builder.Services.AddScoped<UserQuotas>().AddScoped<Placements>().AddScoped<AppService>()
            .AddScoped<InstallProgress>().AddScoped<Installation>();
        builder.Services.AddScoped<PhoneCalls>().AddScoped<PhoneCommands>().AddScoped<InstallQueue>()
            .AddScoped<AppChanges>().AddScoped<InstallCancel>().AddScoped<AppSurveying>();
        builder.Services.AddScoped<OperationNotes>().AddScoped<OperationStep>()
            .AddScoped<SnapshotOrders>().AddScoped<SnapshotStep>().AddScoped<Holding>()
            .AddSingleton<SnapshotSweep>().AddHostedService(s => s.GetRequiredService<SnapshotSweep>());
        if (options.Tunnels is { } tunnels)
            builder.Services.AddSingleton(tunnels).AddSingleton<TunnelHost>()
                .AddHostedService(s => s.GetRequiredService<TunnelHost>()).AddHostedService<TunnelSessions>();
        builder.Services.AddSingleton<ResumeQueue>().AddSingleton<BootWatch>().AddSingleton<CheckCounter>();
        builder.Services.AddDeviceActors();
        builder.Services.AddHostedService<ResumeWorker>().AddHostedService<Supervisor>()
            .AddHostedService<InstallWorker>().AddHostedService<AppSurveyWorker>()
            .AddHostedService<UsageReportWorker>()
            .AddHostedService<OperationWorker>().AddHostedService<CopyWorker>().AddHostedService<OperationSweep>();
    }

    public static void MapDevices(this IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<DeviceOptions>();
        var devices = routes.MapGroup("/api/devices").WithTags("Devices");
        devices.MapCreateDevice();
        devices.MapReadDevices();
        devices.MapChangeDevice();
        devices.MapCommandDevices();
        devices.MapInstalls();
        devices.MapDeviceHistory();
        devices.MapPhones(options);
        devices.MapShares();
        devices.MapTunnels();
        devices.MapStats();
        devices.MapOperations();
        devices.MapTemplates();
        devices.MapSnapshots();
        devices.MapBatch();
        routes.MapHoldings();
        routes.MapOffer();
        routes.MapPhoneAccess();
        routes.MapHealthRound();
    }
}
