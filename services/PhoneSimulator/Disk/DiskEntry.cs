namespace CloudPhone.PhoneSimulator.Disk;

/// <param name="Size">Bytes; of a folder, its block.</param>
sealed record DiskEntry(string Name, bool IsFolder, long Size, DateTimeOffset ModifiedAt)
{
    const uint FolderMode = 0x41f9; // drwxrwx--x
    const uint FileMode = 0x81b0; // -rw-rw----

    /// <summary>As <c>stat</c> has it.</summary>
    public uint Mode => IsFolder ? FolderMode : FileMode;

    public static DiskEntry Of(FileSystemInfo info) =>
        new(info.Name, info is DirectoryInfo, info is FileInfo f ? f.Length : DiskSpace.Block, info.LastWriteTimeUtc);
}
