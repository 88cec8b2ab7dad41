using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;

namespace CloudPhone.Billing.Metering;

/// <summary>
/// A device's creation opens its billing record, start and stop open and close metering, an error pauses it.
/// </summary>
static class DeviceEvents
{
    public static void MapDeviceEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapFact<DeviceCreated>(e =>
            Fact(e.DeviceId, e.UserId, FactKind.Created, e.CreatedAt, e.Version, e.CpuCores, e.MemoryGB,
                e.StorageGB));
        routes.MapFact<DeviceStarted>(e =>
            Fact(e.DeviceId, e.UserId, FactKind.Started, e.StartedAt, e.Version, e.CpuCores, e.MemoryGB,
                e.StorageGB));
        routes.MapFact<DeviceStopped>(e => Fact(e.DeviceId, e.UserId, FactKind.Stopped, e.StoppedAt, e.Version));
        routes.MapFact<DeviceError>(e => Fact(e.DeviceId, e.UserId, FactKind.Error, e.OccurredAt, e.Version));
        routes.MapFact<DeviceRecovered>(e => Fact(e.DeviceId, e.UserId, FactKind.Recovered, e.RecoveredAt, e.Version));
        routes.MapFact<DeviceFailed>(e => Fact(e.DeviceId, e.UserId, FactKind.Failed, e.FailedAt, e.Version));
        routes.MapFact<DeviceDeleted>(e => Fact(e.DeviceId, e.UserId, FactKind.Deleted, e.DeletedAt, e.Version));
    }

    static void MapFact<TEvent>(this IEndpointRouteBuilder routes, Func<TEvent, DeviceFact> fact)
        where TEvent : IEvent =>
        routes.MapSubscription<TEvent>((TEvent e, BillingDb db, CancellationToken ct) =>
            Meter.ReadAsync(fact(e), db, ct));

    static DeviceFact Fact(
        Guid deviceId, Guid userId, FactKind kind, DateTimeOffset at, long version, int? cores = null,
        int? memoryGB = null, int? storageGB = null) =>
        new()
        {
            DeviceId = deviceId, UserId = userId, Kind = kind, At = at.ToUniversalTime(), Version = version,
            CpuCores = cores, MemoryGB = memoryGB, StorageGB = storageGB,
        };
}
