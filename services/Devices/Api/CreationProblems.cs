using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Placement;
using CloudPhone.Devices.Quotas;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Api;

/// <summary>Why a phone was not created, as a problem.</summary>
static class CreationProblems
{
    static readonly TimeSpan CapacityRetry = TimeSpan.FromSeconds(30);

    public static ProblemHttpResult Of(Device? device) => device?.FailureCode switch
    {
        CreationFailures.QuotaExceeded => QuotaExceeded(QuotaRefusal.Read(device.FailureReason)),
        CreationFailures.QuotaUnavailable =>
            Problems.Unavailable(
                "unavailable", $"No phone was created: the quota can't be checked. {device.FailureReason}"),
        CreationFailures.NoCapacity => Problems.Unavailable("no-capacity", device.FailureReason!, CapacityRetry),
        CreationFailures.NoReservation => Problems.Of(404, CreationFailures.NoReservation, device.FailureReason!),
        CreationFailures.ReservationNotReady or CreationFailures.ReservationDiffers =>
            Problems.Conflict(device.FailureCode, device.FailureReason!),
        { } code => Problems.Unavailable(code, $"No phone was created. {device.FailureReason}"),
        null => Problems.Conflict("deleted", "The phone was deleted while it was being created."),
    };

    /// <summary>Operators are told which nodes would have to be mended to take phones.</summary>
    public static async Task<ProblemHttpResult> NoCapacityAsync(
        Device device, Placements placements, CancellationToken ct)
    {
        try
        {
            var unfit = await placements.UnfitNodesAsync(ct);
            return unfit.Count == 0 ? Of(device) : Problems.Unavailable("no-capacity",
                $"{device.FailureReason} Unfit, as their preflight tells, are: {string.Join(", ", unfit)}.",
                CapacityRetry);
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
        {
            return Of(device);
        }
    }

    static ProblemHttpResult QuotaExceeded(QuotaAnswer? quota)
    {
        List<(string, object?)> figures =
            [("limits", quota?.Limits), ("usage", quota?.Usage), ("remaining", quota?.Remaining)];
        if (quota?.ValidUntil is { } end)
            figures.Add(("validUntil", end));
        return Problems.Of(403, "quota-exceeded", quota?.Reason ?? "The quota has no room for this phone.",
            [.. figures]);
    }
}
