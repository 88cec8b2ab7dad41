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

    readonly string _component;
    readonly RedisSettings _settings;
    readonly ConnectionMultiplexer _multiplexer;
    readonly ILogger<RedisConnection> _log;
    string? _lost;
    volatile string? _refusal;

    RedisConnection(
        string component, RedisSettings settings, ConnectionMultiplexer multiplexer, ILogger<RedisConnection> log)
    {
        (_component, _settings, _multiplexer, _log) = (component, settings, multiplexer, log);
        multiplexer.ConnectionFailed += (_, e) => OnLost(e);
        multiplexer.ConnectionRestored += (_, e) => OnRestored(e);
    }

    /// <summary>It is there again, perhaps without its data.</summary>
    public event Action? Restored;

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
            return new(component, settings, await ConnectionMultiplexer.ConnectAsync(Options(settings)).WaitAsync(ct),
                log);
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
            throw new RedisUnavailableException(
                _refusal ?? $"Redis at {_settings.Address} can't be reached", e);
        }
        catch (RedisTimeoutException e)
        {
            throw new RedisUnavailableException(
                $"Redis at {_settings.Address} did not answer within {_settings.Timeout.TotalSeconds:0.###} s", e);
        }
    }

    public async ValueTask DisposeAsync() => await _multiplexer.DisposeAsync();

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

    /// <summary>Told with every try that fails; the log has it when the reason is a new one.</summary>
    void OnLost(ConnectionFailedEventArgs e)
    {
        _refusal = e.FailureType == ConnectionFailureType.AuthenticationFailure ? Refused(_settings, e.Exception) : null;
        var why = _refusal ?? Unreachable(_settings);
        if (Interlocked.Exchange(ref _lost, why) != why)
            LogLost(_component, why);
    }

    void OnRestored(ConnectionFailedEventArgs e)
    {
        if (e.ConnectionType != ConnectionType.Interactive)
            return;
        _refusal = null;
        if (Interlocked.Exchange(ref _lost, null) is not null)
            LogRestored(_component, _settings.Address);
        Restored?.Invoke();
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
