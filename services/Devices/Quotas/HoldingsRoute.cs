using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Quotas;

/// <param name="IsCounted">Its creation has reported its usage, and its removal has not begun.</param>
sealed record HeldDevice(Guid DeviceId, Guid UserId, int CpuCores, int MemoryGB, bool IsCounted);

sealed record HeldDevices(IReadOnlyList<HeldDevice> Items);

/// <summary>
/// Which phones there are: the user service mends by it what it counts. A read, so that nothing is kept of it.
/// </summary>
static class HoldingsRoute
{
    const int MaxItems = 100;

    public static void MapHoldings(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/internal/devices/holdings", List).RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();

    /// <param name="ids">Those of them that exist; without ids a page of all, oldest first.</param>
    /// <param name="after">The last id of the page before.</param>
    static async Task<Results<Ok<HeldDevices>, ProblemHttpResult>> List(
        Guid[] ids, Guid? after, DeviceDb db, CancellationToken ct)
    {
        if (ids.Length > MaxItems)
            return Problems.BadRequest("bad-request", $"ids are at most {MaxItems}.");
        var devices = db.Devices.AsNoTracking();
        if (ids.Length > 0)
            devices = devices.Where(d => ids.Contains(d.Id));
        else if (after is { } last)
            devices = devices.Where(d => d.Id > last);
        var items = await devices.OrderBy(d => d.Id).Take(MaxItems).Select(d => new HeldDevice(
            d.Id, d.UserId, d.CpuCores, d.MemoryGB,
            d.Step == CreationStep.Announced && d.Status != DeviceStatus.Deleting)).ToListAsync(ct);
        return TypedResults.Ok(new HeldDevices(items));
    }
}
