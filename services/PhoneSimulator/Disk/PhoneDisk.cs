namespace CloudPhone.PhoneSimulator.Disk;

/// <summary>
/// What the phone's users see as its file system: the folder <c>disk</c> of the phone. Every path comes through
/// <see cref="DevicePath"/>, and no link is followed, so nothing outside can be reached.
/// </summary>
/// <remarks>All methods take resolved paths and throw <see cref="DiskException"/>.</remarks>
sealed class PhoneDisk
{
    static readonly string[] Made =
        ["/data/local/tmp", "/sdcard/DCIM", "/sdcard/Download", "/sdcard/Pictures", "/system/bin"];
    readonly string _root;
    readonly string _unfinished;
    readonly Lock _gate = new();

    public PhoneDisk(string folder, long limit)
    {
        (_root, _unfinished) = (Path.Combine(folder, "disk"), Path.Combine(folder, "unfinished"));
        if (Directory.Exists(_unfinished))
            Directory.Delete(_unfinished, recursive: true);
        foreach (var path in Made)
            Directory.CreateDirectory(_root + path);
        Directory.CreateDirectory(_unfinished);
        Space = new(_root, limit);
    }

    public DiskSpace Space { get; }

    /// <returns>Null where there is nothing.</returns>
    public DiskEntry? Find(string path) => Info(path) is { } info ? DiskEntry.Of(info) : null;

    public DiskEntry Get(string path) => Find(path) ?? throw DiskException.NotFound;

    public IReadOnlyList<DiskEntry> List(string path) => Host(() =>
        Existing(path) is DirectoryInfo folder
            ? folder.EnumerateFileSystemInfos().Where(IsOwn).Select(DiskEntry.Of)
                .OrderBy(e => e.Name, StringComparer.Ordinal).ToList()
            : throw DiskException.NotDirectory);

    public FileStream Read(string path) => Host(() =>
        Existing(path) is FileInfo file
            ? new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0)
            : throw DiskException.IsDirectory);

    /// <summary>Begins a file; folders that it needs are made when it is kept.</summary>
    public NewFile Create(string path) => Host(() =>
    {
        CheckWritable(path);
        return Info(path) is DirectoryInfo ? throw DiskException.IsDirectory
            : new NewFile(this, Path.Combine(_unfinished, $"{Guid.NewGuid():N}"), path);
    });

    /// <param name="parents">Folders above it are made, too, and it may be there.</param>
    public void MakeFolder(string path, bool parents) => Host(() =>
    {
        lock (_gate)
        {
            if (Info(path) is { } there)
                return parents && there is DirectoryInfo ? true : throw DiskException.Exists;
            CheckWritable(path);
            if (parents)
                MakeParents(path);
            else if (Existing(DevicePath.Parent(path)) is not DirectoryInfo)
                throw DiskException.NotDirectory;
            Space.Take(DiskSpace.Block);
            Directory.CreateDirectory(_root + path);
            return true;
        }
    });

    public void Delete(string path, bool recursive) => Host(() =>
    {
        lock (_gate)
        {
            var info = Existing(path);
            if (DevicePath.IsFixed(path))
                throw DiskException.Denied;
            if (info is DirectoryInfo folder && !recursive && folder.EnumerateFileSystemInfos().Any())
                throw DiskException.NotEmpty;
            var size = DiskSpace.Of(info);
            if (info is DirectoryInfo d)
                d.Delete(recursive);
            else
                info.Delete();
            Space.Give(size);
            return true;
        }
    });

    public void Move(string from, string to) => Host(() =>
    {
        lock (_gate)
        {
            var info = Existing(from);
            if (DevicePath.IsFixed(from) || !DevicePath.IsWritable(to))
                throw DiskException.Denied;
            if (info is FileInfo)
                Replace(info.FullName, to);
            else if (Info(to) is null && Existing(DevicePath.Parent(to)) is DirectoryInfo)
                Directory.Move(info.FullName, _root + to);
            else
                throw DiskException.Exists;
            return true;
        }
    });

    internal void Replace(string hostFile, string path) => Host(() =>
    {
        lock (_gate)
        {
            MakeParents(path);
            var before = Info(path) switch
            {
                DirectoryInfo => throw DiskException.IsDirectory,
                { FullName: var name } there when name != hostFile => DiskSpace.Of(there),
                _ => 0,
            };
            File.Move(hostFile, _root + path, overwrite: true);
            Space.Give(before);
            return true;
        }
    });

    void MakeParents(string path)
    {
        var parent = DevicePath.Parent(path);
        if (Info(parent) is { } there)
        {
            if (there is not DirectoryInfo)
                throw DiskException.NotDirectory;
            return;
        }
        CheckWritable(parent);
        MakeParents(parent);
        Space.Take(DiskSpace.Block);
        Directory.CreateDirectory(_root + parent);
    }

    static void CheckWritable(string path)
    {
        if (!DevicePath.IsWritable(path))
            throw DiskException.Denied;
    }

    FileSystemInfo Existing(string path) => Info(path) ?? throw DiskException.NotFound;

    /// <summary>None of the phone's own ways makes a link. One that is there all the same leads nowhere.</summary>
    FileSystemInfo? Info(string path)
    {
        FileSystemInfo at = new DirectoryInfo(_root);
        foreach (var name in DevicePath.Split(path))
        {
            if (at is not DirectoryInfo)
                throw DiskException.NotDirectory;
            var next = Path.Combine(at.FullName, name);
            at = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            if (!at.Exists)
                return null;
            if (!IsOwn(at))
                throw DiskException.Denied;
        }
        return at;
    }

    static bool IsOwn(FileSystemInfo info) => !info.Attributes.HasFlag(FileAttributes.ReparsePoint);

    static T Host<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw DiskException.From(e);
        }
    }
}
