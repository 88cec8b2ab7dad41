using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;

namespace CloudPhone.Shared.Work;

/// <summary>
/// Wakes a worker; what it then does stands in the database, so a wake that is lost delays, and no more.
/// </summary>
public sealed class WorkSignal(TimeProvider clock)
{
    readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    ImmutableList<WorkSignal> _beside = [];

    /// <summary>Returns at once. Several before the worker looks are one.</summary>
    public void Wake()
    {
        _channel.Writer.TryWrite(true);
        foreach (var other in _beside)
            other.Wake();
    }

    /// <summary>One that is woken with this one, for a worker that is not the only one which waits for it.</summary>
    internal WorkSignal Beside()
    {
        var own = new WorkSignal(clock);
        ImmutableInterlocked.Update(ref _beside, all => all.Add(own));
        return own;
    }

    /// <summary>
    /// Returns at the next wake, or after <paramref name="atMost"/>. A wake that nobody waited for counts.
    /// </summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var timer = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
        try
        {
            await _channel.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
        }
    }
}

/// <summary>The signals of this process, one for each kind of row that a worker waits for.</summary>
public sealed class WorkSignals(TimeProvider clock)
{
    readonly ConcurrentDictionary<Type, WorkSignal> _signals = new();

    /// <summary>The same one for every caller in this process.</summary>
    public WorkSignal Of<TRow>() where TRow : IAwaited => Of(typeof(TRow));

    internal WorkSignal Of(Type row) => _signals.GetOrAdd(row, _ => new(clock));
}

/// <summary>A row that a worker of this service waits for: once a new one is committed, the worker is woken.</summary>
public interface IAwaited;
