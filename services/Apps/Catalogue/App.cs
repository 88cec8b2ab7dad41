using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;

namespace CloudPhone.Apps.Catalogue;

/// <summary>An app of the catalogue: one for each package, with a file for each of its versions.</summary>
public sealed class App : IEntity, IVersioned
{
    public const int MaxName = 100;
    public const int MaxDescription = 2000;
    /// <summary>Small letters may need more room than capitals.</summary>
    const int MaxSearch = 1000;

    public Guid Id { get; set; }
    [MaxLength(MaxName)]
    public required string Name { get; set; }
    public required string PackageName { get; set; }
    /// <summary>What searches look into. The database's own lower() leaves letters beyond ASCII alone on SQLite.
    /// </summary>
    [MaxLength(MaxSearch)]
    public required string SearchText { get; set; }
    [MaxLength(MaxDescription)]
    public string? Description { get; set; }
    /// <summary>Comes onto every new phone by itself.</summary>
    public bool IsPreinstall { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    /// <summary>Out of the catalogue; what was installed still names it.</summary>
    public DateTimeOffset? DeletedAt { get; set; }
    public long Version { get; set; } = 1;

    internal static string SearchTextOf(string name, string packageName) => $"{name}\n{packageName}".ToLowerInvariant();
}

/// <summary>One uploaded APK.</summary>
public sealed class AppVersion : IEntity
{
    public Guid Id { get; set; }
    public Guid AppId { get; set; }
    public required string VersionName { get; set; }
    /// <summary>Android's order of versions; a higher one is newer.</summary>
    public long VersionCode { get; set; }
    public ReviewStatus Status { get; set; }
    /// <summary>The operator; empty for the platform itself.</summary>
    public Guid UploadedBy { get; set; }
    /// <summary>API levels; null where the APK says none.</summary>
    public int? MinSdk { get; set; }
    public int? TargetSdk { get; set; }
    /// <summary>What it asks for, separated by spaces.</summary>
    [Column(TypeName = "text")]
    public string Permissions { get; set; } = "";
    /// <summary>The forms in which it is signed, separated by spaces.</summary>
    [MaxLength(32)]
    public string SignatureSchemes { get; set; } = "";
    /// <summary>The stored file; null once it is removed.</summary>
    public Guid? FileId { get; set; }
    /// <summary>Of the file, in lower-case hex.</summary>
    [MaxLength(64)]
    public required string Sha256 { get; set; }
    /// <summary>Bytes.</summary>
    public long Size { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
