using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Apps.Storage;

public enum FileStatus
{
    /// <summary>Its parts are being put: of an upload that is not committed, and may never be.</summary>
    Storing,
    /// <summary>A version is installed from it.</summary>
    Kept,
    /// <summary>Its parts are being deleted; nobody gets it any more.</summary>
    Removing,
}

/// <summary>
/// An uploaded file. The row is written before its first part is put, and removed after its last one is deleted: so
/// whatever is in the store is known here, and no store needs to be listed.
/// </summary>
public sealed class StoredFile : IEntity
{
    /// <summary>Bytes of every part but the last. As Base64 in JSON one stays within the runtime's usual 4 MiB.
    /// </summary>
    public const int PartBytes = 2 << 20;

    public Guid Id { get; set; }
    /// <summary>Of the whole file, in lower-case hex.</summary>
    [MaxLength(64)]
    public required string Sha256 { get; set; }
    /// <summary>Bytes.</summary>
    public long Size { get; set; }
    public FileStatus Status { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    public int Parts => (int)((Size + PartBytes - 1) / PartBytes);

    /// <summary>Of one upload, not of its bytes: nobody else's upload of the same is deleted with it.</summary>
    /// <remarks>In one of 256 folders, which stay when their files are deleted.</remarks>
    public string PartName(int part) => $"{Sha256[..2]}/{Sha256}-{Id:N}-{part:00000}";

    public int PartSize(int part) => (int)Math.Min(PartBytes, Size - ((long)part * PartBytes));
}
