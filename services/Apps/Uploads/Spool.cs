namespace CloudPhone.Apps.Uploads;

/// <summary>The folder of what is still coming in: an APK can only be read whole, and from its end.</summary>
sealed class Spool(AppOptions options)
{
    public string Folder => options.SpoolFolder;

    public string NewFile() => Path.Combine(Folder, $"{Guid.NewGuid():N}.upload");
}
