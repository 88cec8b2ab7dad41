namespace CloudPhone.PhoneSimulator.Disk;

/// <summary>What Android's kernel would have said of a file: its number, and its words.</summary>
sealed class DiskException(uint number, string message) : IOException(message)
{
    public uint Number => number;

    public static DiskException NotFound => new(2, "No such file or directory");
    public static DiskException TooLong => new(7, "Argument list too long");
    public static DiskException Denied => new(13, "Permission denied");
    public static DiskException Exists => new(17, "File exists");
    public static DiskException NotDirectory => new(20, "Not a directory");
    public static DiskException IsDirectory => new(21, "Is a directory");
    public static DiskException Invalid => new(22, "Invalid argument");
    public static DiskException NoSpace => new(28, "No space left on device");
    public static DiskException NameTooLong => new(36, "File name too long");
    public static DiskException NotEmpty => new(39, "Directory not empty");

    /// <summary>What the host's refusal means inside of the phone; its own words name paths of the host.</summary>
    public static DiskException From(Exception e) => e switch
    {
        DiskException d => d,
        FileNotFoundException or DirectoryNotFoundException => NotFound,
        UnauthorizedAccessException => Denied,
        PathTooLongException => NameTooLong,
        ArgumentException or NotSupportedException => Invalid,
        _ => new(5, "I/O error"),
    };
}
