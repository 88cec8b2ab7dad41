namespace CloudPhone.Apps.Uploads;

/// <summary>
/// The folder of the APKs. A file is named by its SHA-256; what is still coming in ends in <c>.upload</c>.
/// </summary>
sealed class AppFiles(AppOptions options)
{
    public string Folder => options.Folder;

    public string PathOf(string sha256) => Path.Combine(Folder, $"{sha256}.apk");

    public bool Has(string sha256) => File.Exists(PathOf(sha256));

    public string NewUpload() => Path.Combine(Folder, $"{Guid.NewGuid():N}.upload");
}
