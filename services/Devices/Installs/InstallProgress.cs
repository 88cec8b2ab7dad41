using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>
/// Writes down how far an install is, for its user to see. It does not go through the tracked row, which is saved once
/// it is known how the try went.
/// </summary>
sealed class InstallProgress(DeviceDb db)
{
    /// <summary>In percent: a large app is told of twenty times, not for each of its parts.</summary>
    const int Notch = 5;

    /// <summary>Ends with the try, however that went.</summary>
    public void Forget(Install install)
    {
        (install.Step, install.Progress) = (null, null);
        db.Entry(install).Property(i => i.Step).IsModified = true;
        db.Entry(install).Property(i => i.Progress).IsModified = true;
    }

    /// <summary>With what it is, which is known by now.</summary>
    public Task BeginAsync(Install install, InstallStep step, CancellationToken ct)
    {
        int? none = step == InstallStep.Downloading ? 0 : null;
        return db.InTransactionAsync(() => Mine(install).ExecuteUpdateAsync(s => s
            .SetProperty(i => i.Step, step).SetProperty(i => i.Progress, none)
            .SetProperty(i => i.AppName, install.AppName).SetProperty(i => i.PackageName, install.PackageName)
            .SetProperty(i => i.Version, install.Version), ct), ct);
    }

    /// <returns>What is told how many bytes have come.</returns>
    public Func<long, Task> Of(Install install, long size, CancellationToken ct)
    {
        var told = 0;
        return async come =>
        {
            var percent = (int)(come * 100 / size);
            if (come == size)
                await WriteAsync(install, InstallStep.Installing, null, ct);
            else if (percent >= told + Notch)
                await WriteAsync(install, InstallStep.Downloading, told = percent, ct);
        };
    }

    Task WriteAsync(Install install, InstallStep step, int? percent, CancellationToken ct) =>
        db.InTransactionAsync(() => Mine(install)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.Step, step).SetProperty(i => i.Progress, percent), ct), ct);

    IQueryable<Install> Mine(Install install) =>
        db.Installs.Where(i => i.Id == install.Id && i.LeaseId == install.LeaseId);
}
