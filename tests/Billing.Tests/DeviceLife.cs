using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Testing;

namespace CloudPhone.Billing.Tests;

/// <summary>What one device tells of itself; versions count up as it is written down.</summary>
sealed class DeviceLife(Guid userId)
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    readonly List<Func<TestService<BillingDb>, string, Task<HttpResponseMessage>>> _events = [];

    public Guid Id { get; } = Guid.CreateVersion7();
    public Guid UserId => userId;
    public int Count => _events.Count;

    public DeviceLife Created(int second) =>
        Add(v => new DeviceCreated(Id, UserId, "p", "phone", 2, 4, Guid.Empty, At(second), v));
    public DeviceLife Started(int second) => Add(v => new DeviceStarted(Id, UserId, "p", 2, 4, At(second), v));
    public DeviceLife Stopped(int second) => Add(v => new DeviceStopped(Id, UserId, "p", "user", At(second), v));
    public DeviceLife Error(int second) =>
        Add(v => new DeviceError(Id, UserId, "p", "CRASHED", "it fell", "HIGH", At(second), v));
    public DeviceLife Recovered(int second) =>
        Add(v => new DeviceRecovered(Id, UserId, "p", "restart", 1, At(second), v));
    public DeviceLife Failed(int second) => Add(v => new DeviceFailed(Id, UserId, "p", "gone", 3, At(second), v));
    public DeviceLife Deleted(int second) => Add(v => new DeviceDeleted(Id, UserId, "p", 2, 4, At(second), v));

    public static DateTimeOffset At(int second) => Start.AddSeconds(second);

    DeviceLife Add<TEvent>(Func<long, TEvent> make) where TEvent : IEvent
    {
        var e = make(_events.Count + 1);
        _events.Add((service, eventId) => service.DeliverAsync(e, eventId));
        return this;
    }

    /// <summary>
    /// Delivers the n-th event; a second number makes the same event come under another id, as after a lost receipt.
    /// </summary>
    public async Task DeliverAsync(TestService<BillingDb> service, int n, int copy = 0)
    {
        using var answer = await _events[n](service, $"{Id}-{n}-{copy}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    public async Task DeliverAllAsync(TestService<BillingDb> service)
    {
        for (var n = 0; n < Count; n++)
            await DeliverAsync(service, n);
    }
}
