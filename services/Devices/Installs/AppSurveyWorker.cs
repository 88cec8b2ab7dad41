using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Installs;

/// <summary>Finds out which apps phones have whose data were replaced.</summary>
sealed class AppSurveyWorker(DueWorkerParts parts, ILogger<AppSurveyWorker> log)
    : DueWorker<DeviceDb, AppSurvey>(parts, log)
{
    protected override string What => "survey of apps";

    /// <summary>A phone that another replica has brought up wakes nobody here.</summary>
    protected override TimeSpan Sweep => TimeSpan.FromSeconds(5);

    /// <summary>What was done before the data were replaced is told before: so the last that is told is what is there
    /// now.</summary>
    protected override IQueryable<AppSurvey> Ready(DeviceDb db)
    {
        var now = Clock.GetUtcNow();
        return db.AppSurveys.Where(s =>
            (db.Devices.Any(d => d.Id == s.DeviceId && d.Status == DeviceStatus.Running)
                || !db.Devices.Any(d => d.Id == s.DeviceId))
            && !db.AppSurveys.Any(o => o.DeviceId == s.DeviceId && o.Id < s.Id)
            && !db.Installs.Any(i => i.DeviceId == s.DeviceId && i.NextAttemptAt != null
                && ((i.Status != InstallStatus.Pending && i.Attempts < AppSurvey.Patience)
                    || (i.LeaseId != null && i.NextAttemptAt > now))));
    }

    protected override async Task<DateTimeOffset?> TryAsync(
        AppSurvey row, IServiceProvider services, CancellationToken ct)
    {
        await services.GetRequiredService<AppSurveying>().DoAsync(row, ct);
        return null;
    }
}
