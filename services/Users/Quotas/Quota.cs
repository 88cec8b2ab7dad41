using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;

namespace CloudPhone.Users.Quotas;

/// <summary>
/// What a user may have, and what is taken of it: by phones, and by reservations for phones that are being created. The
/// sums are those of the user's <see cref="QuotaHolding"/>s and change in one transaction with them.
/// </summary>
public sealed class Quota : IVersioned
{
    public const int MaxPlanLength = 32;

    public Guid UserId { get; set; }
    public int MaxDevices { get; set; }
    public int TotalCpuCores { get; set; }
    public int TotalMemoryGB { get; set; }
    public int CurrentDevices { get; set; }
    public int UsedCpuCores { get; set; }
    public int UsedMemoryGB { get; set; }

    /// <summary>From then on nothing new may be taken; null: never.</summary>
    public DateTimeOffset? ValidUntil { get; set; }

    // what the user has without a plan; what stands above is in force, see QuotaTerms

    public int OwnMaxDevices { get; set; }
    public int OwnTotalCpuCores { get; set; }
    public int OwnTotalMemoryGB { get; set; }
    public DateTimeOffset? OwnValidUntil { get; set; }

    /// <summary>Code of the plan that is in force; null: none is.</summary>
    [MaxLength(MaxPlanLength)]
    public string? Plan { get; set; }

    /// <summary>When a plan or the own validity begins or ends next; null: never.</summary>
    public DateTimeOffset? ChangesAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Counts the changes of limits and validity.</summary>
    public long Version { get; set; } = 1;

    [NotMapped]
    public QuotaLimits Limits
    {
        get => new(MaxDevices, TotalCpuCores, TotalMemoryGB);
        set => (MaxDevices, TotalCpuCores, TotalMemoryGB) = value;
    }

    [NotMapped]
    public QuotaLimits OwnLimits
    {
        get => new(OwnMaxDevices, OwnTotalCpuCores, OwnTotalMemoryGB);
        set => (OwnMaxDevices, OwnTotalCpuCores, OwnTotalMemoryGB) = value;
    }

    /// <summary>Tells of the change that is about to be saved.</summary>
    public UserQuotaUpdated ToUpdated() =>
        new(UserId, MaxDevices, TotalCpuCores, TotalMemoryGB, UpdatedAt, Version + 1, ValidUntil);
}

/// <summary>What one phone takes of its owner's quota.</summary>
public sealed class QuotaHolding
{
    public Guid DeviceId { get; set; }
    public Guid UserId { get; set; }
    public int CpuCores { get; set; }
    public int MemoryGB { get; set; }
    public HoldingState State { get; set; }

    /// <summary>End of a reservation; of what is over, the time to forget it.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
}

public enum HoldingState
{
    /// <summary>Taken for a phone that is being created; ends by itself.</summary>
    Reserved,

    /// <summary>Taken by a phone that exists.</summary>
    Counted,

    /// <summary>Given back for good. Kept for a while, so that a late report doesn't take it again.</summary>
    Released,

    /// <summary>A reservation that ended by itself; its phone may still come.</summary>
    Expired,
}
