using CloudPhone.Devices.Actors;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Gives users' commands to phones' actors.</summary>
sealed class PhoneCommands(DeviceDb db, DeviceActors actors)
{
    /// <param name="deviceId">A phone that the user may command.</param>
    /// <param name="userId">Who commands it.</param>
    /// <param name="itemId">The operation's item under which it is put down, once; null: under none.</param>
    /// <returns>Why not; null: it is taken.</returns>
    /// <exception cref="ActorsUnavailableException">It is not known whether it is taken.</exception>
    public async Task<ProblemHttpResult?> GiveAsync(
        Guid deviceId, Trigger trigger, Guid userId, Guid? itemId, CancellationToken ct)
    {
        var owner = await db.Devices.Where(d => d.Id == deviceId).Select(d => (Guid?)d.UserId)
            .SingleOrDefaultAsync(ct);
        if (owner is null)
            return Problems.NotFound("device");
        if (trigger is Trigger.Start or Trigger.Restart && await db.RefusalAsync(owner.Value, ct) is { } refused)
            return refused;
        var reason = owner == userId ? StopReasons.User : StopReasons.Operator;
        var asked = itemId is { } id ? new AskedFor(id, userId) : null;
        return await actors.CommandAsync(deviceId, trigger, reason, asked, ct) switch
        {
            { Outcome: "done" } => null,
            { Outcome: "not-found" } => Problems.NotFound("device"),
            { Outcome: "held" } => SnapshotOrders.Busy(),
            var answer => Problems.Of(409, "wrong-state",
                $"The phone is {Word(answer.Status)}: it can't {Word(trigger)} now.",
                ("deviceStatus", Word(answer.Status))),
        };
    }

    static string Word<T>(T value) => $"{value}".ToLowerInvariant();
}
