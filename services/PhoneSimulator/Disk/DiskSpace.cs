namespace CloudPhone.PhoneSimulator.Disk;

/// <summary>How full the phone is: its users can't fill the host's disk. Every file and folder costs a block, too.
/// </summary>
sealed class DiskSpace(string root, long limit)
{
    public const long Block = 4096;
    readonly Lock _gate = new();
    long? _used;

    public long Limit => limit;

    public long Used
    {
        get
        {
            lock (_gate)
                return _used ??= Count(new(root));
        }
    }

    /// <exception cref="DiskException">There is no space left.</exception>
    public void Take(long bytes)
    {
        lock (_gate)
        {
            var used = _used ??= Count(new(root));
            if (bytes > limit - used)
                throw DiskException.NoSpace;
            _used = used + bytes;
        }
    }

    public void Give(long bytes)
    {
        lock (_gate)
            _used = Math.Max(0, (_used ??= Count(new(root))) - bytes);
    }

    public static long Of(FileSystemInfo entry) => entry switch
    {
        FileInfo file => file.Length + Block,
        DirectoryInfo folder => Count(folder) + Block,
        _ => 0,
    };

    static long Count(DirectoryInfo folder) =>
        folder.EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Sum(e => e is FileInfo file ? file.Length + Block : Block);
}
