using CloudPhone.Devices.Actors;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Placement;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Quotas;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Devices.Templates;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Api;

/// <param name="CpuCores">Unless <paramref name="Template"/> is given.</param>
/// <param name="MemoryGB">GiB, unless <paramref name="Template"/> is given.</param>
/// <param name="StorageGB">GiB that are charged; null: 10, or what the template has.</param>
/// <param name="SnapshotId">Whose data it begins with; null: with none.</param>
/// <param name="Template">The name of a size, in place of the numbers.</param>
/// <param name="ReservationId">Whose room it takes: one that is ready, for a phone of this size.</param>
sealed record CreateDeviceRequest(
    string Name, int? CpuCores = null, int? MemoryGB = null, int? StorageGB = null, IReadOnlyList<string>? Tags = null,
    string? Template = null, Guid? SnapshotId = null, Guid? ReservationId = null);

sealed record CreateDeviceAnswer(bool Success, DeviceView Device);

static class CreateDevice
{
    public static void MapCreateDevice(this RouteGroupBuilder devices) =>
        devices.MapPost("/", Handle).WithName("CreateDevice")
            .WithSummary("Creates a phone; answers once its container exists, before it has booted.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);

    static async Task<Results<Created<CreateDeviceAnswer>, ProblemHttpResult>> Handle(
        CreateDeviceRequest request, CurrentUser user, DeviceDb db, ResourceIds ids, DeviceActors actors,
        DeviceOptions options, SnapshotOrders orders, Placements placements, TimeProvider clock, CancellationToken ct)
    {
        if (Check(request, options) is { } wrong)
            return Problems.BadRequest("bad-request", wrong);
        if (SizeOf(request, options) is not { } size)
            return Problems.BadRequest(
                "unknown-template", $"template is one of {string.Join(", ", options.Templates.Select(t => t.Name))}.");
        var (id, isNew) = await PlaceAsync(ids.New(), db, ct);
        if (isNew && await db.RefusalAsync(user.Id, ct) is { } refused)
            return refused;
        var device = New(request, size, user, id, clock.GetUtcNow());
        if (isNew && await AddAsync(db, device, orders, ct) is { } unknown)
            return unknown;
        try
        {
            await actors.CreateAsync(device.Id, ct);
        }
        catch (ActorsUnavailableException e)
        {
            return await TakeBackAsync(db, device, clock.GetUtcNow())
                ? Problems.Unavailable("unavailable", e.Message)
                : Problems.Of(504, "outcome-unknown",
                    "The phone is still being made. Look at it, or repeat this under the same Idempotency-Key.",
                    ("deviceId", device.Id));
        }
        var made = await db.Devices.IgnoreQueryFilters().AsNoTracking()
            .SingleOrDefaultAsync(d => d.Id == device.Id, ct);
        return made is { FailureCode: null, DeletedAt: null }
            ? TypedResults.Created($"/api/devices/{made.Id}", new CreateDeviceAnswer(true, DeviceView.Of(made)))
            : made is { FailureCode: CreationFailures.NoCapacity } && user.IsOperator
                ? await CreationProblems.NoCapacityAsync(made, placements, ct) : CreationProblems.Of(made);
    }

    /// <summary>
    /// A request that is repeated under its key goes on with what its first run has left, or begins anew where that
    /// came to nothing.
    /// </summary>
    static async Task<(Guid Id, bool IsNew)> PlaceAsync(Guid id, DeviceDb db, CancellationToken ct)
    {
        while (true)
        {
            var before = await db.Devices.IgnoreQueryFilters().Where(d => d.Id == id)
                .Select(d => new { d.FailureCode, d.DeletedAt }).SingleOrDefaultAsync(ct);
            if (before is not { FailureCode: not null, DeletedAt: not null })
                return (id, before is null);
            id = ResourceIds.After(id);
        }
    }

    static string? Check(CreateDeviceRequest request, DeviceOptions options) =>
        !Device.IsName(request.Name) ? Device.NameRule
        : request.Tags is { } tags && !Tags.AreRight(tags) ? Tags.Rule
        : request.Template is not null ? request is { CpuCores: null, MemoryGB: null, StorageGB: null } ? null
            : "Give a template or numbers, not both."
        : request is not { CpuCores: not null, MemoryGB: not null } ? "Give cpuCores and memoryGB, or a template."
        : request.CpuCores < 1 || request.CpuCores > options.MaxCpuCores
            ? $"cpuCores is a whole number from 1 to {options.MaxCpuCores}."
        : request.MemoryGB < 1 || request.MemoryGB > options.MaxMemoryGB
            ? $"memoryGB is a whole number from 1 to {options.MaxMemoryGB}."
        : request.StorageGB < Device.MinStorageGB || request.StorageGB > options.MaxStorageGB
            ? $"storageGB is a whole number from {Device.MinStorageGB} to {options.MaxStorageGB}."
        : null;

    /// <returns>Null: there is no such template.</returns>
    static Template? SizeOf(CreateDeviceRequest request, DeviceOptions options) =>
        request.Template is { } name ? options.Templates.FirstOrDefault(t => t.Name == name)
            : new("", "phone", request.CpuCores!.Value, request.MemoryGB!.Value,
                request.StorageGB ?? Device.UsualStorageGB, PhoneLook.Usual);

    static Device New(CreateDeviceRequest request, Template size, CurrentUser user, Guid id, DateTimeOffset now)
    {
        var device = new Device
        {
            Id = id, UserId = user.Id, Name = request.Name.Trim(),
            SearchName = Device.SearchNameOf(request.Name.Trim()),
            Template = request.Template, SnapshotId = request.SnapshotId, ReservationId = request.ReservationId,
            DeviceType = size.DeviceType, CpuCores = size.CpuCores, MemoryGB = size.MemoryGB,
            StorageGB = size.StorageGB, ScreenWidth = size.Look.Width, ScreenHeight = size.Look.Height,
            ScreenDpi = size.Look.Dpi, AndroidVersion = size.Look.AndroidVersion,
            Tags = Tags.Join(request.Tags ?? []),
            Status = DeviceStatus.Creating, CreatedAt = now, StatusSince = now, DueAt = now + DeviceMoves.StandStill,
        };
        DeviceMoves.Remember(device);
        return device;
    }

    /// <returns>Why not; null: it is added.</returns>
    static Task<ProblemHttpResult?> AddAsync(
        DeviceDb db, Device device, SnapshotOrders orders, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        db.ChangeTracker.Clear(); // of a try that the database broke off
        if (device.SnapshotId is { } snapshotId && await orders.CloneAsync(device, snapshotId, ct) is { } refused)
            return refused;
        db.Add(device);
        db.Add(new DeviceHistoryEntry
        {
            Id = Guid.CreateVersion7(device.CreatedAt), DeviceId = device.Id, UserId = device.UserId,
            To = device.Status, At = device.CreatedAt,
            Version = device.Version, RequestId = device.RequestId,
        });
        await db.SaveChangesAsync(ct);
        db.ChangeTracker.Clear();
        return null;
    }, ct);

    /// <summary>What no actor has come further with goes; what one has goes on without its caller. An actor that died
    /// may have reserved quota, and one that lives may do so yet.</summary>
    /// <returns>False: it goes on.</returns>
    static Task<bool> TakeBackAsync(DeviceDb db, Device device, DateTimeOffset now) => db.InTransactionAsync(async () =>
    {
        var id = device.Id;
        if (await db.Devices.Where(d => d.Id == id && d.Version == 1 && d.Step == CreationStep.Requested)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.DeletedAt, now).SetProperty(d => d.Version, 2)
                .SetProperty(d => d.FailureCode, CreationFailures.Unavailable)
                .SetProperty(d => d.FailureReason, "No phone takes commands at the moment.")
                .SetProperty(d => d.DueAt, (DateTimeOffset?)null)) == 0)
            return false;
        // the row stays, so that a repetition takes another id than the one that is given back
        await db.History.Where(h => h.DeviceId == id).ExecuteDeleteAsync();
        db.Add(UsageReport.Of(device, UsageReport.Decrement, now));
        await db.SaveChangesAsync();
        return true;
    }, CancellationToken.None);
}
