using System.Net.Sockets;
using StackExchange.Redis;

namespace CloudPhone.Sidecar.State.Redis;

/// <summary>
/// The one connection of a component, over which its operations are pipelined. A lost one is sought again for ever;
/// meanwhile operations fail at once.
/// </summary>
sealed partial class RedisConnection : IAsyncDisposable
{
    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan BetweenProbes = TimeSpan.FromSeconds(3);

    readonly string _component;
    readonly RedisSettings _settings;
    readonly ConnectionMultiplexer _multiplexer;
    readonly ILogger<RedisConnection> _log;
    readonly TimeProvider _time;
    readonly CancellationTokenSource _ending = new();

    /// <summary>Why there is no connection now; null: there is one.</summary>
    string? _lost;

    RedisConnection(
        string component, RedisSettings settings, ConnectionMultiplexer multiplexer, TimeProvider time,
        ILogger<RedisConnection> log)
    {
        (_component, _settings, _multiplexer, _time, _log) = (component, settings, multiplexer, time, log);
        multiplexer.ConnectionFailed += (_, e) => OnLost(e);
        multiplexer.ConnectionRestored += (_, e) => OnRestored(e);
    }

    /// <summary>Tries until there is a connection or the token says that the time for it is over.</summary>
    /// <exception cref="RedisUnavailableException">It can't be reached, or refuses the password.</exception>
    public static async Task<RedisConnection> OpenAsync(
        string component, RedisSettings settings, TimeProvider time, ILogger<RedisConnection> log,
        CancellationToken ct)
    {
        try
        {
            while (!await IsThereAsync(settings, ct))
                await Task.Delay(BetweenTries, time, ct);
            var multiplexer = await ConnectionMultiplexer.ConnectAsync(Options(settings)).WaitAsync(ct);
            return new(component, settings, multiplexer, time, log);
        }
        catch (RedisConnectionException e) when (IsRefused(e))
        {
            throw new RedisUnavailableException(Refused(settings, e), e);
        }
        catch (Exception e) when (e is RedisConnectionException or OperationCanceledException)
        {
            throw new RedisUnavailableException(Unreachable(settings), e);
        }
    }

    /// <summary>Whether the server has a database of that number; true where it does not tell.</summary>
    public bool HasDatabase(int offset) =>
        _multiplexer.GetServers()[0].DatabaseCount is var count && (count == 0 || _settings.Database + offset < count);

    /// <param name="offset">Which database, counted from the component's own.</param>
    /// <exception cref="RedisUnavailableException">It is away, or did not answer in time: what was sent may have been
    /// done.</exception>
    /// <exception cref="RedisServerException">It refused the operation.</exception>
    public async Task<T> RunAsync<T>(Func<IDatabaseAsync, Task<T>> operation, CancellationToken ct, int offset = 0)
    {
        try
        {
            return await operation(_multiplexer.GetDatabase(_settings.Database + offset)).WaitAsync(ct);
        }
        catch (RedisConnectionException e)
        {
            throw new RedisUnavailableException(_lost ?? Unreachable(_settings), e);
        }
        catch (RedisTimeoutException e)
        {
            throw new RedisUnavailableException(
                $"Redis at {_settings.Address} did not answer within {_settings.Timeout.TotalSeconds:0.###} s", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _multiplexer.DisposeAsync();
    }

    static ConfigurationOptions Options(RedisSettings s) => new()
    {
        EndPoints = { { s.Host, s.Port } },
        User = s.Username,
        Password = s.Password,
        Ssl = s.Tls,
        AbortOnConnectFail = true,
        BacklogPolicy = BacklogPolicy.FailFast,
        ConnectRetry = 1,
        ConnectTimeout = (int)s.ConnectTimeout.TotalMilliseconds,
        AsyncTimeout = (int)s.Timeout.TotalMilliseconds,
        SyncTimeout = (int)s.Timeout.TotalMilliseconds,
        ReconnectRetryPolicy = new LinearRetry((int)BetweenTries.TotalMilliseconds),
        HeartbeatInterval = BetweenTries,
        KeepAlive = 10,
        ConfigurationChannel = "",
        TieBreaker = "",
        SetClientLibrary = false,
        IncludeDetailInExceptions = false,
        IncludePerformanceCountersInExceptions = false,
    };

    void OnLost(ConnectionFailedEventArgs e)
    {
        var why = Unreachable(_settings);
        if (e.ConnectionType != ConnectionType.Interactive || Interlocked.Exchange(ref _lost, why) is not null)
            return;
        LogLost(_component, why);
        _ = WatchForRefusalAsync();
    }

    /// <summary>The client tells nobody that the server is back but has another password now: we ask.</summary>
    async Task WatchForRefusalAsync()
    {
        while (_lost is not null && !_ending.IsCancellationRequested)
            try
            {
                await Task.Delay(BetweenProbes, _time, _ending.Token);
                if (_lost is not null && await IsThereAsync(_settings, _ending.Token))
                    await (await ConnectionMultiplexer.ConnectAsync(Options(_settings))).DisposeAsync();
            }
            catch (RedisConnectionException e) when (IsRefused(e))
            {
                var why = Refused(_settings, e);
                if (_lost is { } before && before != why
                    && Interlocked.CompareExchange(ref _lost, why, before) == before)
                    LogLost(_component, why);
            }
            catch (Exception e) when (e is RedisConnectionException or OperationCanceledException)
            {
                // still away
            }
    }

    void OnRestored(ConnectionFailedEventArgs e)
    {
        if (e.ConnectionType == ConnectionType.Interactive && Interlocked.Exchange(ref _lost, null) is not null)
            LogRestored(_component, _settings.Address);
    }

    /// <summary>Asked before the client is made, which would not give up before its time-out.</summary>
    static async Task<bool> IsThereAsync(RedisSettings s, CancellationToken ct)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(s.Host, s.Port, ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static bool IsRefused(RedisConnectionException e) =>
        e.FailureType == ConnectionFailureType.AuthenticationFailure
        || e.InnerException is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure };

    static string Refused(RedisSettings s, Exception? e) =>
        $"Redis at {s.Address} refuses the connection ({Innermost(e)}): set redisPassword, and redisUsername where it "
        + "has users, to what the server has";

    static string Unreachable(RedisSettings s) =>
        $"Redis at {s.Address} can't be reached: start it, or set redisHost"
        + (s.Tls ? " (it must speak TLS, as enableTLS says)" : "");

    static string Innermost(Exception? e)
    {
        while (e?.InnerException is { } inner)
            e = inner;
        return e?.Message.Split('\n')[0].TrimEnd('.') ?? "authentication failed";
    }

    [LoggerMessage(1, LogLevel.Error,
        "state store {Component} is out of service until this is put right, and tries again until then: {Why}")]
    partial void LogLost(string component, string why);

    [LoggerMessage(2, LogLevel.Information, "state store {Component}: Redis at {Address} is there again")]
    partial void LogRestored(string component, string address);
}

/// <summary>Redis is not there, or does not let us in; the message says which and what to do.</summary>
sealed class RedisUnavailableException(string message, Exception inner) : Exception(message, inner);
