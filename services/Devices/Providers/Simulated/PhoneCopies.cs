namespace CloudPhone.Devices.Providers.Simulated;

/// <summary>
/// Copies of phones' data: <c>snapshots/&lt;id&gt;/</c> beside the phones' folders. A folder gets its name once all is
/// in it; one that ends with <c>.new</c> is a try, which has it for itself, or was left by who died.
/// </summary>
sealed class PhoneCopies(PhoneFiles files)
{
    const string Disk = "disk", State = "state.json", Unfinished = ".new", Restored = "restored",
        Replaced = "replaced", Generation = "generation";
    readonly string _snapshots = Path.Combine(files.Root, "snapshots");

    public IReadOnlyList<Guid> List() => !Directory.Exists(_snapshots) ? []
        : [.. Directory.EnumerateDirectories(_snapshots)
            .Select(d => Guid.TryParse(Path.GetFileName(d).Split('.')[0], out var id) ? id : Guid.Empty)
            .Where(id => id != Guid.Empty).Distinct()];

    /// <returns>Its size in bytes.</returns>
    public long Save(Guid deviceId, Guid snapshotId, CancellationToken ct)
    {
        Finish(deviceId);
        if (!Directory.Exists(Folder(snapshotId)))
            Copy(files.Folder(deviceId), Folder(snapshotId), null, ct);
        RemoveUnfinished(Folder(snapshotId));
        return new DirectoryInfo(Folder(snapshotId)).EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(f => f.Length);
    }

    public void Load(PhoneSpec spec, Guid snapshotId, CancellationToken ct)
    {
        Finish(spec.DeviceId);
        if (IsOf(spec))
            return; // an earlier try has ended it
        if (!Directory.Exists(Path.Combine(Folder(snapshotId), Disk)))
            throw new ProviderException("The snapshot's data are not all there.");
        Copy(Folder(snapshotId), RestoredOf(spec.DeviceId), $"{spec.Generation}", ct);
        Finish(spec.DeviceId);
    }

    /// <summary>As long as the phone has the disk that it had, what was copied for it can go.</summary>
    /// <returns>False: it is in place, or half-way there.</returns>
    public bool Undo(PhoneSpec spec)
    {
        RemoveUnfinished(RestoredOf(spec.DeviceId));
        if (IsOf(spec))
            return false;
        if (!Directory.Exists(RestoredOf(spec.DeviceId)))
            return true;
        var hasBegun = !Directory.Exists(Path.Combine(RestoredOf(spec.DeviceId), Disk))
            || Directory.Exists(Path.Combine(files.Folder(spec.DeviceId), Replaced));
        if (!hasBegun)
            Remove(RestoredOf(spec.DeviceId));
        return !hasBegun;
    }

    /// <summary>Puts in place what was copied whole into the phone's folder, also by who died in the middle of
    /// this.</summary>
    public void Finish(Guid deviceId)
    {
        var (phone, restored) = (files.Folder(deviceId), RestoredOf(deviceId));
        var replaced = Path.Combine(phone, Replaced);
        if (Directory.Exists(restored))
        {
            if (Directory.Exists(Path.Combine(restored, Disk)))
            {
                if (Directory.Exists(Path.Combine(phone, Disk)))
                    Directory.Move(Path.Combine(phone, Disk), replaced);
                Directory.Move(Path.Combine(restored, Disk), Path.Combine(phone, Disk));
            }
            foreach (var name in new[] { State, Generation })
                if (File.Exists(Path.Combine(restored, name)))
                    File.Move(Path.Combine(restored, name), Path.Combine(phone, name), overwrite: true);
            Directory.Delete(restored, recursive: true);
        }
        if (Directory.Exists(replaced))
            Directory.Delete(replaced, recursive: true);
    }

    public void Drop(Guid snapshotId)
    {
        RemoveUnfinished(Folder(snapshotId));
        if (Directory.Exists(Folder(snapshotId)))
            Remove(Folder(snapshotId));
        RemoveUnfinished(Folder(snapshotId));
    }

    string Folder(Guid snapshotId) => Path.Combine(_snapshots, snapshotId.ToString());

    string RestoredOf(Guid deviceId) => Path.Combine(files.Folder(deviceId), Restored);

    /// <summary>Its data are the ones that were copied for this generation.</summary>
    bool IsOf(PhoneSpec spec)
    {
        var file = Path.Combine(files.Folder(spec.DeviceId), Generation);
        return File.Exists(file) && File.ReadAllText(file) == $"{spec.Generation}";
    }

    /// <summary>What of a phone's folder is its data; it appears whole or not at all. Whoever tried before has lost
    /// his turn.</summary>
    static void Copy(string from, string to, string? generation, CancellationToken ct)
    {
        if (!Directory.Exists(from))
            throw new ProviderException("There are no data to copy.");
        RemoveUnfinished(to);
        var unfinished = NewUnfinished(to);
        MakeFolder(Path.Combine(unfinished, Disk));
        if (File.Exists(Path.Combine(from, State)))
            File.Copy(Path.Combine(from, State), Path.Combine(unfinished, State));
        if (generation is not null)
            File.WriteAllText(Path.Combine(unfinished, Generation), generation);
        if (Directory.Exists(Path.Combine(from, Disk)))
            CopyTree(new(Path.Combine(from, Disk)), Path.Combine(unfinished, Disk), ct);
        ct.ThrowIfCancellationRequested();
        Directory.Move(unfinished, to);
    }

    static string NewUnfinished(string name) => $"{name}.{Guid.NewGuid():N}{Unfinished}";

    static void RemoveUnfinished(string name)
    {
        if (Directory.Exists(Path.GetDirectoryName(name)))
            foreach (var folder in Directory.GetDirectories(
                Path.GetDirectoryName(name)!, $"{Path.GetFileName(name)}.*new"))
                Remove(folder);
    }

    /// <summary>It loses its name first: nobody gives another one to half of it.</summary>
    static void Remove(string folder)
    {
        var gone = NewUnfinished(folder);
        Directory.Move(folder, gone);
        Directory.Delete(gone, recursive: true);
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
