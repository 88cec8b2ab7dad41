using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Api;

/// <param name="Name">Null: it stays.</param>
/// <param name="Tags">All that it has then; null: they stay.</param>
sealed record DeviceChange(string? Name = null, IReadOnlyList<string>? Tags = null);

static class ChangeDevice
{
    public static void MapChangeDevice(this RouteGroupBuilder devices) =>
        devices.MapPatch("/{id:guid}", Handle).WithName("ChangeDevice")
            .WithSummary("Renames a phone, or gives it other tags.").ProducesProblem(400).ProducesProblem(404);

    static async Task<Results<Ok<DeviceView>, ProblemHttpResult>> Handle(
        Guid id, DeviceChange request, CurrentUser user, DeviceDb db, CancellationToken ct)
    {
        var phone = db.Devices.VisibleTo(user).Where(d => d.Id == id);
        if (!await phone.AnyAsync(ct))
            return Problems.NotFound("device");
        if (Check(request) is { } wrong)
            return Problems.BadRequest("bad-request", wrong);
        var (name, tags) = (request.Name?.Trim(), request.Tags is { } t ? Tags.Join(t) : null);
        var searchName = name is null ? null : Device.SearchNameOf(name);
        // whatever the phone's actor is doing at this moment: it writes other columns, and never these
        await db.InTransactionAsync(() => phone.ExecuteUpdateAsync(s => s
            .SetProperty(d => d.Name, d => name ?? d.Name)
            .SetProperty(d => d.SearchName, d => searchName ?? d.SearchName)
            .SetProperty(d => d.Tags, d => tags ?? d.Tags), ct), ct);
        return await phone.AsNoTracking().SingleOrDefaultAsync(ct) is { } device
            ? TypedResults.Ok(DeviceView.Of(device)) : Problems.NotFound("device");
    }

    static string? Check(DeviceChange request) =>
        request is { Name: null, Tags: null } ? "Give a name, tags, or both."
        : request.Name is { } name && !Device.IsName(name) ? Device.NameRule
        : request.Tags is { } tags && !Tags.AreRight(tags) ? Tags.Rule
        : null;
}
