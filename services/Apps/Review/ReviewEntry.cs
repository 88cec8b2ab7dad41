using System.ComponentModel.DataAnnotations;
using CloudPhone.Apps.Catalogue;
using CloudPhone.Shared.Http;

namespace CloudPhone.Apps.Review;

/// <summary>Who brought a version into a status, and why. Written with it, and never changed.</summary>
public sealed class ReviewEntry : IEntity
{
    public const int MaxReason = 500;

    public Guid Id { get; set; }
    public Guid AppId { get; set; }
    public Guid VersionId { get; set; }
    public ReviewStatus Status { get; set; }
    /// <summary>The operator; empty for the platform itself.</summary>
    public Guid ByUserId { get; set; }
    /// <summary>As it was then.</summary>
    public required string ByUsername { get; set; }
    [MaxLength(MaxReason)]
    public string? Reason { get; set; }
    public DateTimeOffset At { get; set; }

    /// <param name="v">In its new status.</param>
    internal static ReviewEntry Of(
        AppVersion v, Guid userId, string username, DateTimeOffset now, string? reason = null) => new()
        {
            Id = Guid.CreateVersion7(now), AppId = v.AppId, VersionId = v.Id, Status = v.Status, ByUserId = userId,
            ByUsername = username, Reason = reason, At = now,
        };
}
