using CloudPhone.Adb;
using CloudPhone.Contracts;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Installs;

/// <param name="Outcome"><c>available</c>, <c>unknown-app</c>, <c>not-available</c>, <c>not-newer</c> or
/// <c>older</c>.</param>
/// <param name="Newest">The version that there is, where it is not newer.</param>
/// <param name="OnPhone">The version that the phone has, where that is newer.</param>
sealed record CheckAnswer(string Outcome, string? Newest = null, string? OnPhone = null);

/// <param name="Outcome"><c>pending</c>, <c>installed</c>, <c>unknown-app</c>, <c>not-available</c>,
/// <c>not-newer</c> or <c>older</c>.</param>
sealed record BeginAnswer(string Outcome, AppToInstall? App);

/// <param name="Sha256">Of the file, in hex.</param>
/// <param name="Size">Of the file, in bytes.</param>
/// <param name="PartBytes">Of each of the file's parts but the last.</param>
sealed record AppToInstall(
    Guid AppId, string Name, string PackageName, string Version, long VersionCode, string Sha256, long Size,
    string FileId, int PartBytes);

/// <summary>An app of the catalogue that is on a phone.</summary>
sealed record FoundApp(Guid AppId, string Name, string PackageName, string Version);

sealed record FoundAnswer(IReadOnlyList<FoundApp> Apps);

/// <summary>What installs need of the app service.</summary>
sealed class AppService([FromKeyedServices(AppIds.Apps)] Sibling apps)
{
    /// <returns>Null: it can't be asked at the moment.</returns>
    public async Task<CheckAnswer?> CheckAsync(Install i, CancellationToken ct)
    {
        try
        {
            return await apps.GetAsync<CheckAnswer>(
                $"/internal/installs/check?appId={i.AppId}&deviceId={i.DeviceId}&onlyNewer={IsUpdate(i)}", ct);
        }
        catch (SiblingUnavailableException)
        {
            return null;
        }
    }

    /// <exception cref="SiblingUnavailableException">It is away. So for the others.</exception>
    public async Task<BeginAnswer> BeginAsync(Install i, CancellationToken ct) =>
        await apps.PostAsync<BeginAnswer>(
            "/internal/installs/begin",
            new { InstallId = i.Id, i.DeviceId, i.UserId, i.AppId, OnlyNewer = i.Kind == InstallKind.Update },
            $"begin-{i.Id}", ct)
        ?? throw new SiblingUnavailableException(AppIds.Apps, null);

    /// <param name="app">What was begun.</param>
    /// <param name="got">Is told how many bytes have come.</param>
    public Stream OpenFile(AppToInstall app, Func<long, Task> got) => new PackageStream(apps, app, got);

    public Task ReportAsync(Install i, CancellationToken ct) => i.Kind == InstallKind.Uninstall
        ? apps.PostAsync<object>("/internal/installs/uninstalled",
            new { UninstallId = i.Id, i.DeviceId, i.PackageName }, $"uninstalled-{i.Id}", ct)
        : apps.PostAsync<object>("/internal/installs/result",
            new { InstallId = i.Id, Outcome = i.Status == InstallStatus.Installed ? "installed" : "failed", i.Error },
            $"result-{i.Id}", ct);

    /// <summary>Tells it what is on a phone, whatever it thought until now. A try may find other apps than the one
    /// before.</summary>
    public async Task<IReadOnlyList<FoundApp>> FindAsync(
        AppSurvey survey, Guid userId, IReadOnlyList<InstalledPackage> packages, CancellationToken ct) =>
        (await apps.PostAsync<FoundAnswer>("/internal/installs/found",
            new { survey.DeviceId, UserId = userId, Packages = packages }, $"found-{survey.Id}-{survey.Attempts}", ct)
        ?? throw new SiblingUnavailableException(AppIds.Apps, null)).Apps;

    static string IsUpdate(Install i) => i.Kind == InstallKind.Update ? "true" : "false";
}
