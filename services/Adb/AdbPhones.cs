using System.Collections.Concurrent;
using CloudPhone.Adb.Shell;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace CloudPhone.Adb;

/// <summary>The connections to phones' adbds: made on demand, kept while they are used, dropped when nobody has needed
/// them for a while.</summary>
sealed partial class AdbPhones : IDisposable
{
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);
    readonly ConcurrentDictionary<Guid, Lazy<Task<AdbConnection>>> _connections = [];
    readonly FindPhone _find;
    readonly TimeProvider _clock;
    readonly ILogger<AdbPhones> _log;
    readonly ResiliencePipeline _dial;
    readonly CancellationTokenSource _end = new();

    public AdbPhones(FindPhone find, TimeProvider clock, ILogger<AdbPhones> log)
    {
        (_find, _clock, _log) = (find, clock, log);
        // a port that is closed for a moment only, as while adbd starts anew
        _dial = new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 2, Delay = TimeSpan.FromMilliseconds(100), BackoffType = DelayBackoffType.Exponential,
            ShouldHandle = new PredicateBuilder().Handle<AdbException>(e => e.Fault == AdbFault.Unreachable),
        }).Build();
    }

    /// <summary>Connects with the first call.</summary>
    public AdbPhone Of(Guid deviceId) => new(deviceId, this);

    public int Count => _connections.Count;

    /// <exception cref="AdbException">The phone can't be reached.</exception>
    public async Task<AdbConnection> ConnectAsync(Guid id, CancellationToken ct)
    {
        while (true)
        {
            Lazy<Task<AdbConnection>>? own = null;
            own = new(() => DialAsync(id, own!));
            var entry = _connections.GetOrAdd(id, own);
            // several may wait for it: who gives up does not break it off for the others
            var connection = await entry.Value.WaitAsync(ct);
            if (connection.IsUp)
                return connection;
            _connections.TryRemove(new(id, entry));
        }
    }

    async Task<AdbConnection> DialAsync(Guid id, Lazy<Task<AdbConnection>> entry)
    {
        await Task.Yield();
        try
        {
            var connection = await DialAsync(id, _end.Token);
            _ = KeepAsync(id, entry, connection);
            return connection;
        }
        catch (Exception e)
        {
            _connections.TryRemove(new(id, entry));
            NotConnected(_log, id, e.Message);
            if (e is OperationCanceledException)
                throw new AdbException(AdbFault.Broken, "The service stops.", e);
            throw;
        }
    }

    async Task<AdbConnection> DialAsync(Guid id, CancellationToken end)
    {
        var address = await _find(id, end);
        var connection = await _dial.ExecuteAsync(async ct =>
            await AdbConnection.ConnectAsync(address.Host, address.Port, _clock, ct), end);
        try
        {
            // addresses are used again, and no phone may be taken for another
            if (address.Serial is { } serial && await connection.PropertyAsync("ro.serialno", end) != serial)
                throw AdbException.Protocol("another phone answers at its address");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Until it breaks, nobody has needed it for long, or the service stops.</summary>
    async Task KeepAsync(Guid id, Lazy<Task<AdbConnection>> entry, AdbConnection connection)
    {
        using (connection)
        {
            while (connection.IsUp && !_end.IsCancellationRequested)
            {
                await connection.Ended.WaitAsync(IdleLimit / 4, _clock, _end.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                connection.CloseIfIdle(IdleLimit);
            }
        }
        _connections.TryRemove(new(id, entry));
    }

    public void Dispose() => _end.Cancel();

    [LoggerMessage(1, LogLevel.Debug, "No connection to the adbd of device {Device}: {Reason}")]
    static partial void NotConnected(ILogger log, Guid device, string reason);
}

/// <summary>One phone, as whatever speaks ADB with it sees it.</summary>
sealed class AdbPhone(Guid id, AdbPhones phones)
{
    public Guid Id => id;

    /// <summary>Connects where that is needed.</summary>
    /// <exception cref="AdbException">The phone can't be reached, or does not have it.</exception>
    public async Task<AdbStream> OpenAsync(string service, CancellationToken ct)
    {
        while (true)
            if (await (await phones.ConnectAsync(id, ct)).OpenAsync(service, ct) is { } stream)
                return stream;
    }

    /// <summary>Boots Android anew; returns when its adbd has let go.</summary>
    /// <exception cref="AdbException">The phone can't be reached.</exception>
    public async Task RebootAsync(CancellationToken ct)
    {
        await using var stream = await OpenAsync("reboot:", ct);
        try
        {
            while (await stream.ReadAsync(new byte[64], ct) > 0)
            {
            }
        }
        catch (AdbException e) when (e.Fault == AdbFault.Broken)
        {
            // that is what it was asked for
        }
    }
}
