using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Phones;
using CloudPhone.Devices.Providers;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Api;

static class StatsRoute
{
    public static void MapStats(this RouteGroupBuilder devices) =>
        devices.MapGet("/{id:guid}/stats", Handle).WithName("GetDeviceStats")
            .WithSummary("What a running phone uses of CPU, memory, disk and network, as far as it is known.")
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(504);

    static async Task<Results<Ok<PhoneStats>, ProblemHttpResult>> Handle(
        Guid id, CurrentUser user, DeviceDb db, IDeviceProvider provider, TimeProvider clock, CancellationToken ct)
    {
        var status = await db.Devices.VisibleTo(user).Where(d => d.Id == id).Select(d => (DeviceStatus?)d.Status)
            .SingleOrDefaultAsync(ct);
        if (status is null)
            return Problems.NotFound("device");
        var word = $"{status}".ToLowerInvariant();
        using var limit = new CancellationTokenSource(PhoneCalls.ShortLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return status != DeviceStatus.Running
                ? Problems.Of(409, "wrong-state", $"The phone is {word}: it has to run.", ("deviceStatus", word))
                : await provider.GetStatsAsync(id, either.Token) is { } stats ? TypedResults.Ok(stats)
                : Problems.Of(504, "no-answer", "The phone has just gone off; it is being looked after.");
        }
        catch (Exception e) when (e is ProviderException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return Problems.Of(504, "no-answer", "It can't be found out at the moment.");
        }
    }
}
