using System.Text.Json.Serialization;

namespace CloudPhone.Apps.Catalogue;

/// <summary>Whether users get a version. Only approved ones are seen, count as the newest and are installed.</summary>
public enum ReviewStatus
{
    /// <summary>Waits for another operator than who uploaded it.</summary>
    [JsonStringEnumMemberName("pending_review")]
    PendingReview,
    Approved,
    /// <summary>For good: what is mended is another version.</summary>
    Rejected,
    /// <summary>Out of new installs; phones keep it. It can be approved again.</summary>
    Withdrawn,
}
