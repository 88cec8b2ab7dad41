namespace CloudPhone.Adb.Sync;

/// <summary>What the phone says of a file or folder, of a link itself.</summary>
/// <param name="Size">Bytes.</param>
sealed record PhoneFile(string Name, uint Mode, long Size, DateTimeOffset ModifiedAt)
{
    const uint TypeMask = 0xf000, Folder = 0x4000, Regular = 0x8000, Link = 0xa000;

    public bool IsFolder => (Mode & TypeMask) == Folder;
    public bool IsRegular => (Mode & TypeMask) == Regular;
    public bool IsLink => (Mode & TypeMask) == Link;
}
