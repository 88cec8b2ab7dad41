namespace CloudPhone.Apps.Storage;

/// <summary>The folder of what is still coming in: an APK can only be read whole, and from its end.</summary>
sealed class Spool(AppOptions options)
{
    public string Folder => options.SpoolFolder;

    public string NewFile() => Path.Combine(Folder, $"{Guid.NewGuid():N}.upload");

    /// <summary>What a process left here that died.</summary>
    public void Sweep(DateTimeOffset before)
    {
        if (!Directory.Exists(Folder))
            return;
        foreach (var upload in Directory.EnumerateFiles(Folder, "*.upload")
            .Where(f => File.GetLastWriteTimeUtc(f) < before.UtcDateTime))
            File.Delete(upload);
    }
}
