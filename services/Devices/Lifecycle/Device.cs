using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using CloudPhone.Devices.Providers;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>One phone, and how far what is being done with it has come: what dies half-way is taken up from
/// here.</summary>
public sealed class Device : IEntity, IVersioned
{
    public const int MaxNameLength = 100;
    /// <summary>Android's own data and room for a few apps.</summary>
    public const int MinStorageGB = 4;
    /// <summary>What one has whose user asks for no other.</summary>
    public const int UsualStorageGB = 10;

    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    [MaxLength(MaxNameLength)]
    public required string Name { get; set; }
    /// <summary>The name in small letters, as it is searched for: SQLite itself knows those of ASCII only.</summary>
    [MaxLength(2 * MaxNameLength)]
    public string SearchName { get; set; } = "";
    public string DeviceType { get; set; } = "phone";
    public int CpuCores { get; set; }
    public int MemoryGB { get; set; }
    /// <summary>GiB that are charged; null: none, as for phones that are older than this column.</summary>
    public int? StorageGB { get; set; }
    /// <summary>What its data were copied from when it was made; null: nothing.</summary>
    public Guid? SnapshotId { get; set; }
    /// <summary>Whose room on a node it took when it was made; null: it asked for some of its own.</summary>
    public Guid? ReservationId { get; set; }
    /// <summary>Counts what was copied into it since.</summary>
    public int DataGeneration { get; set; }
    /// <summary>The operation's item that copies its data: nobody switches it on, or removes it, meanwhile.</summary>
    public Guid? HeldBy { get; set; }
    /// <summary>The name of what it was made from; null: it was made from numbers.</summary>
    [MaxLength(32)]
    public string? Template { get; set; }
    /// <summary>Null, with the other two: the usual screen.</summary>
    public int? ScreenWidth { get; set; }
    public int? ScreenHeight { get; set; }
    public int? ScreenDpi { get; set; }
    /// <summary>Null: the one of the usual image.</summary>
    public int? AndroidVersion { get; set; }
    /// <summary>See <see cref="Api.Tags"/>.</summary>
    [MaxLength(Api.Tags.MaxText)]
    public string Tags { get; set; } = "";
    public DeviceStatus Status { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset StatusSince { get; set; }
    public CreationStep Step { get; set; }
    public Guid? NodeId { get; set; }
    public string? NodeName { get; set; }
    /// <summary>When a sweep takes it up if nothing has happened until then; null: nothing is to be done.</summary>
    public DateTimeOffset? DueAt { get; set; }
    /// <summary>The boot that runs has failed if it is not over by then.</summary>
    public DateTimeOffset? BootDeadline { get; set; }
    /// <summary>Since when it runs for its user; null unless device.started was told.</summary>
    public DateTimeOffset? StartedAt { get; set; }
    /// <summary>Tries to recover in a row.</summary>
    public int RecoveryAttempts { get; set; }
    /// <summary>How the last try went about it; a word of <see cref="RecoveryMethods"/>.</summary>
    [MaxLength(16)]
    public string? RecoveryMethod { get; set; }
    /// <summary>When a replica last took it upon itself to ask the phone how it is.</summary>
    public DateTimeOffset? CheckedAt { get; set; }
    public bool RestartAfterStop { get; set; }
    public string? StopReason { get; set; }
    /// <summary>The reason for which it is to be stopped as soon as it has booted.</summary>
    public string? StopAfterBoot { get; set; }
    /// <summary>A stable word; set when its creation was given up.</summary>
    public string? FailureCode { get; set; }
    [Column(TypeName = "text")]
    public string? FailureReason { get; set; }
    /// <summary>The request that caused what is being done, and its trace.</summary>
    [MaxLength(64)]
    public string? RequestId { get; set; }
    [MaxLength(64)]
    public string? TraceParent { get; set; }
    /// <summary>Set when it is gone: reads don't show it any more.</summary>
    public DateTimeOffset? DeletedAt { get; set; }
    public long Version { get; set; } = 1;

    internal static readonly string NameRule =
        $"name has 1 to {MaxNameLength} characters, none of them a control character.";

    internal static bool IsName(string name) =>
        !string.IsNullOrWhiteSpace(name) && name.Length <= MaxNameLength && !name.Any(char.IsControl);

    internal static string SearchNameOf(string name) => name.ToLowerInvariant();

    internal PhoneLook Look => ScreenWidth is { } width
        ? new(width, ScreenHeight!.Value, ScreenDpi!.Value, AndroidVersion) : PhoneLook.Usual;

    internal PhoneSpec Spec => new(Id, CpuCores, MemoryGB, Look, DataGeneration);

    public bool IsBooting =>
        Status is DeviceStatus.Starting or DeviceStatus.Recovering
            || (Status == DeviceStatus.Creating && Step == CreationStep.Announced);
}

/// <summary>The steps of a creation that are behind it. Each can be repeated.</summary>
public enum CreationStep
{
    Requested,
    /// <summary>The user's quota has room for it.</summary>
    Reserved,
    /// <summary>A node has room for it.</summary>
    Placed,
    /// <summary>Its container exists and was started.</summary>
    Provisioned,
    /// <summary>Its usage is counted and device.created was told.</summary>
    Announced,
}
