using CloudPhone.Devices.Lifecycle;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Operations;

/// <summary>Which operation a command to a phone belongs to.</summary>
/// <param name="ItemId">The operation's item; one that there is not yet is made with the command.</param>
/// <param name="UserId">Who asked for it.</param>
public sealed record AskedFor(Guid ItemId, Guid UserId);

/// <summary>Puts down that a phone has taken what an operation wants of it, in the save of just that: what is repeated
/// after a crash is not done twice.</summary>
sealed class OperationNotes(DeviceDb db, TimeProvider clock)
{
    /// <summary>With the next save it has begun.</summary>
    /// <returns>False: it has begun already.</returns>
    public async Task<bool> BeginAsync(Device device, Trigger trigger, AskedFor asked, CancellationToken ct)
    {
        var item = await db.OperationItems.SingleOrDefaultAsync(i => i.Id == asked.ItemId, ct);
        if (item is { Status: not OperationItemStatus.Pending })
            return false;
        if (item is null)
        {
            var action = Enum.Parse<OperationAction>($"{trigger}");
            (var operation, item) = Operation.OfOne(asked.ItemId, action, device.Id, asked.UserId, clock.GetUtcNow());
            db.AddRange(operation, item);
        }
        item.Begin(clock.GetUtcNow());
        return true;
    }
}
