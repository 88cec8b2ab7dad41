using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Scheduler.Reservations;

sealed record Size(string Name, int CpuCores, int MemoryGB);

/// <summary>What the device service says of the phones that a user can have.</summary>
/// <param name="Refusal">Why none is made for the user; null: it is.</param>
sealed record PhoneOffer(
    string? Refusal, string? Reason, int MaxCpuCores, int MaxMemoryGB, IReadOnlyList<Size> Templates);

/// <summary>What the user service says of a user's quota.</summary>
/// <param name="ValidUntil">Null: for ever.</param>
sealed record QuotaStanding(QuotaLimits Limits, QuotaUsage Usage, DateTimeOffset? ValidUntil)
{
    /// <summary>Whoever reserves gets no more room than phones would get.</summary>
    /// <param name="held">What the user's reservations take already.</param>
    /// <returns>Null: there is room.</returns>
    public ProblemHttpResult? Check(Reservation r, Held held, DateTimeOffset now)
    {
        if (ValidUntil <= now)
            return Exceeded(FormattableString.Invariant(
                $"Your quota was valid until {ValidUntil:yyyy-MM-dd HH:mm} UTC: top up your balance or order a plan."));
        var (devices, cores, memory) = (Limits.MaxDevices - Usage.CurrentDevices - held.Devices,
            Limits.TotalCpuCores - Usage.UsedCpuCores - held.CpuCores,
            Limits.TotalMemoryGB - Usage.UsedMemoryGB - held.MemoryGB);
        return devices >= 1 && cores >= r.CpuCores && memory >= r.MemoryGB ? null
            : Exceeded("Beside your phones and your other reservations your quota has room for "
                + $"{Math.Max(0, devices)} more phones, {Math.Max(0, cores)} CPU cores and {Math.Max(0, memory)} GB.");
    }

    ProblemHttpResult Exceeded(string detail) =>
        Problems.Of(403, "quota-exceeded", detail, ("limits", Limits), ("usage", Usage));
}

sealed record QuotaLimits(int MaxDevices, int TotalCpuCores, int TotalMemoryGB);

sealed record QuotaUsage(int CurrentDevices, int UsedCpuCores, int UsedMemoryGB);

/// <summary>By reservations that wait or are ready.</summary>
sealed record Held(int Devices, int CpuCores, int MemoryGB);

/// <summary>Asks what a user can have.</summary>
sealed class UserTerms(
    [FromKeyedServices(AppIds.Devices)] Sibling devices, [FromKeyedServices(AppIds.Users)] Sibling users)
{
    /// <exception cref="SiblingUnavailableException">The device service is away.</exception>
    public async Task<PhoneOffer> OfferAsync(Guid userId, CancellationToken ct) =>
        await devices.GetAsync<PhoneOffer>($"/internal/devices/offer?userId={userId}", ct)
        ?? throw new SiblingUnavailableException(AppIds.Devices, null);

    /// <returns>Null: there is no such user.</returns>
    /// <exception cref="SiblingUnavailableException">The user service is away.</exception>
    public Task<QuotaStanding?> QuotaAsync(Guid userId, CancellationToken ct) =>
        users.GetAsync<QuotaStanding>($"/internal/quotas/standing?userId={userId}", ct);
}
