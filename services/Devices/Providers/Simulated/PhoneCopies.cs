namespace CloudPhone.Devices.Providers.Simulated;

/// <summary>
/// Copies of phones' data: <c>snapshots/&lt;id&gt;/</c> beside the phones' folders. A folder gets its name once all is
/// in it; one that ends with <c>.new</c> was left by who died.
/// </summary>
sealed class PhoneCopies(PhoneFiles files)
{
    const string Disk = "disk", State = "state.json", Unfinished = ".new", Restored = "restored";
    readonly string _snapshots = Path.Combine(files.Root, "snapshots");

    public IReadOnlyList<Guid> List() => !Directory.Exists(_snapshots) ? []
        : [.. Directory.EnumerateDirectories(_snapshots)
            .Select(d => Guid.TryParse(Path.GetFileNameWithoutExtension(d), out var id) ? id : Guid.Empty)
            .Where(id => id != Guid.Empty).Distinct()];

    /// <returns>Its size in bytes.</returns>
    public long Save(Guid deviceId, Guid snapshotId, CancellationToken ct)
    {
        Finish(deviceId);
        if (!Directory.Exists(Folder(snapshotId)))
            Copy(files.Folder(deviceId), Folder(snapshotId), ct);
        return new DirectoryInfo(Folder(snapshotId)).EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(f => f.Length);
    }

    public void Load(Guid deviceId, Guid snapshotId, CancellationToken ct)
    {
        Finish(deviceId);
        Copy(Folder(snapshotId), Path.Combine(files.Folder(deviceId), Restored), ct);
        Finish(deviceId);
    }

    /// <summary>Puts in place what was copied whole into the phone's folder, also by who died in the middle of
    /// this.</summary>
    public void Finish(Guid deviceId)
    {
        var (phone, restored) = (files.Folder(deviceId), Path.Combine(files.Folder(deviceId), Restored));
        if (!Directory.Exists(restored))
            return;
        if (Directory.Exists(Path.Combine(restored, Disk)))
        {
            if (Directory.Exists(Path.Combine(phone, Disk)))
                Directory.Delete(Path.Combine(phone, Disk), recursive: true);
            Directory.Move(Path.Combine(restored, Disk), Path.Combine(phone, Disk));
        }
        if (File.Exists(Path.Combine(restored, State)))
            File.Move(Path.Combine(restored, State), Path.Combine(phone, State), overwrite: true);
        Directory.Delete(restored, recursive: true);
    }

    public void Drop(Guid snapshotId)
    {
        foreach (var folder in new[] { Folder(snapshotId), Folder(snapshotId) + Unfinished })
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
    }

    string Folder(Guid snapshotId) => Path.Combine(_snapshots, snapshotId.ToString());

    /// <summary>What of a phone's folder is its data; it appears whole or not at all.</summary>
    static void Copy(string from, string to, CancellationToken ct)
    {
        if (!Directory.Exists(from))
            throw new ProviderException("There are no data to copy.");
        var unfinished = to + Unfinished;
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        MakeFolder(Path.Combine(unfinished, Disk));
        if (File.Exists(Path.Combine(from, State)))
            File.Copy(Path.Combine(from, State), Path.Combine(unfinished, State));
        if (Directory.Exists(Path.Combine(from, Disk)))
            CopyTree(new(Path.Combine(from, Disk)), Path.Combine(unfinished, Disk), ct);
        Directory.Move(unfinished, to);
    }

    static void CopyTree(DirectoryInfo from, string to, CancellationToken ct)
    {
        // phones make no links; if there is one all the same it leads nowhere
        foreach (var entry in from.EnumerateFileSystemInfos().Where(e => e.LinkTarget is null))
        {
            ct.ThrowIfCancellationRequested();
            var target = Path.Combine(to, entry.Name);
            if (entry is DirectoryInfo folder)
                CopyTree(folder, Directory.CreateDirectory(target).FullName, ct);
            else
                ((FileInfo)entry).CopyTo(target);
        }
    }

    static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
