using CloudPhone.Apps.Catalogue;
using CloudPhone.Apps.Installs;
using CloudPhone.Apps.Review;
using CloudPhone.Apps.Sample;
using CloudPhone.Apps.Storage;
using CloudPhone.Apps.Uploads;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Apps;

static class AppService
{
    public static void AddApps(this WebApplicationBuilder builder)
    {
        var options = AppOptions.From(builder.Configuration);
        builder.Services.AddSingleton(options).AddSingleton<Spool>().AddScoped<FileKeeping>().AddScoped<Preinstall>();
        builder.Services.AddSidecarClient<AppStore>(builder.Configuration, AppStore.Timeout);
        builder.Services.AddHostedService<PreinstallWorker>().AddHostedService<DeletedDeviceSweep>();
        builder.Services.AddHostedService<FileSweep>().AddHostedService<OldFolder>();
        if (options.SeedSample)
            builder.Services.AddSingleton<IStartupPreparation, SampleSeed>();
    }

    public static void MapApps(this WebApplication app)
    {
        var apps = app.MapGroup("/api/apps").WithTags("Apps").ProducesProblem(401);
        apps.MapBrowse();
        apps.MapFile();
        apps.MapInstallList();
        var operators = app.MapGroup("/api/apps").WithTags("Apps").RequireAuthorization(Policies.Operator)
            .ProducesProblem(401).ProducesProblem(403);
        operators.MapUploads(app.Services.GetRequiredService<AppOptions>());
        operators.MapChanges();
        operators.MapReviews();
        var siblings = app.MapGroup("/internal").RequireAuthorization(Policies.Service).ExcludeFromDescription();
        siblings.MapCheckInstall();
        siblings.MapBeginInstall();
        siblings.MapInstallResult();
        siblings.MapUninstallResult();
        siblings.MapFoundApps();
        siblings.MapInstallsForServices();
        siblings.MapFileForServices();
    }
}
