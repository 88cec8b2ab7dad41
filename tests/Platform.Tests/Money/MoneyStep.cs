using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Money;

/// <summary>A service has committed an event about a payment or refund, and its sidecar has taken it, too.</summary>
sealed record MoneyStep(string AppId, string Event, bool IsSent = false)
{
    public bool IsReached(RunningPlatform platform, Guid id)
    {
        using var database = platform.OpenDatabase(AppId);
        return database.Rows(
            $"count(*) FROM outbox WHERE type = '{Event}' AND payload LIKE '%{id}%'"
                + (IsSent ? " AND sent_at IS NOT NULL" : ""), r => r.GetInt64(0))[0] > 0;
    }
}
