using System.Collections.Concurrent;
using System.Threading.Channels;

namespace CloudPhone.Devices.Supervision;

/// <summary>Phones whose actor has something to do now. It may be lost: what stands still is found in the
/// database.</summary>
sealed class ResumeQueue(TimeProvider clock, IHostApplicationLifetime lifetime)
{
    readonly Channel<Guid> _ids = Channel.CreateUnbounded<Guid>();
    readonly ConcurrentDictionary<Guid, bool> _later = new();

    public void Add(Guid deviceId) => _ids.Writer.TryWrite(deviceId);

    /// <summary>Not earlier: the actor would find the row as it was. Where it gets lost, the sweep sees that the phone
    /// stands still.</summary>
    public void AddAfterCommit(HttpContext http, Guid deviceId) => http.Response.OnCompleted(() =>
    {
        Add(deviceId);
        return Task.CompletedTask;
    });

    /// <summary>One that waits for later already is not added again.</summary>
    public void AddLater(Guid deviceId, TimeSpan delay)
    {
        if (_later.TryAdd(deviceId, true))
            _ = AddAfterAsync(deviceId, delay);
    }

    public IAsyncEnumerable<Guid> ReadAllAsync(CancellationToken ct) => _ids.Reader.ReadAllAsync(ct);

    async Task AddAfterAsync(Guid deviceId, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, clock, lifetime.ApplicationStopping);
            _later.TryRemove(deviceId, out _);
            Add(deviceId);
        }
        catch (OperationCanceledException)
        {
            // the next start takes it up
        }
    }
}
