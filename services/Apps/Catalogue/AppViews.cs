namespace CloudPhone.Apps.Catalogue;

/// <param name="Version">Name of the newest version.</param>
/// <param name="Size">Of the newest version's file, in bytes.</param>
sealed record AppView(
    Guid Id, string Name, string PackageName, string? Description, bool Preinstall, string Version, long VersionCode,
    long Size,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static AppView Of(App a, AppVersion newest) => new(
        a.Id, a.Name, a.PackageName, a.Description, a.IsPreinstall, newest.VersionName, newest.VersionCode, newest.Size,
        a.CreatedAt, a.UpdatedAt);
}

/// <param name="Versions">The newest ones, at most 100, highest version code first.</param>
sealed record AppDetails(
    Guid Id, string Name, string PackageName, string? Description, bool Preinstall, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, IReadOnlyList<VersionView> Versions)
{
    public static AppDetails Of(App a, IEnumerable<AppVersion> versions) => new(
        a.Id, a.Name, a.PackageName, a.Description, a.IsPreinstall, a.CreatedAt, a.UpdatedAt,
        [.. versions.Select(VersionView.Of)]);
}

/// <param name="Sha256">Of the file, in hex.</param>
/// <param name="Size">Of the file, in bytes.</param>
/// <param name="Status">Users see approved ones alone.</param>
/// <param name="MinSdk">API level that a phone must have; null where the APK says none. So for TargetSdk.</param>
/// <param name="Permissions">What it asks for.</param>
/// <param name="SignatureSchemes">The forms in which it is signed, <c>v1</c> to <c>v3.1</c>; a phone verifies
/// them.</param>
sealed record VersionView(
    Guid Id, Guid AppId, string Version, long VersionCode, string Sha256, long Size, ReviewStatus Status, int? MinSdk,
    int? TargetSdk, IReadOnlyList<string> Permissions, IReadOnlyList<string> SignatureSchemes, DateTimeOffset CreatedAt)
{
    public static VersionView Of(AppVersion v) =>
        new(v.Id, v.AppId, v.VersionName, v.VersionCode, v.Sha256, v.Size, v.Status, v.MinSdk, v.TargetSdk,
            Words(v.Permissions), Words(v.SignatureSchemes), v.CreatedAt);

    static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
