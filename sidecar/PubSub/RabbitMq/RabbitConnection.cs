using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary>
/// The one connection of a component, for publishing and all of its subscriptions. It is made when somebody needs it
/// and there is none; after a failure there is a pause before the next try, and who comes meanwhile learns why at once.
/// </summary>
sealed partial class RabbitConnection : IAsyncDisposable
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10), Farewell = TimeSpan.FromSeconds(2);

    readonly RabbitSettings _settings;
    readonly ConnectionFactory _factory;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly Lock _lock = new();
    Task<IConnection>? _connecting;
    IConnection? _open;
    IChannel? _first;
    DateTimeOffset _failedAt;
    bool _isDisposed;

    public RabbitConnection(RabbitSettings settings, TimeProvider time, ILogger log)
    {
        (_settings, _time, _log) = (settings, time, log);
        _factory = new()
        {
            Uri = settings.Uri, ClientProvidedName = settings.ClientName is { Length: > 0 } name ? name : null,
            RequestedHeartbeat = settings.Heartbeat, RequestedConnectionTimeout = Timeout,
            HandshakeContinuationTimeout = Timeout, AutomaticRecoveryEnabled = false, TopologyRecoveryEnabled = false,
        };
    }

    /// <summary>The open connection, or a new one.</summary>
    /// <exception cref="BrokerException">The broker can't be reached or does not let us in.</exception>
    public Task<IConnection> OpenAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connecting is null || IsOver(_connecting))
                _connecting = ConnectAsync();
            return _connecting.WaitAsync(ct);
        }
    }

    /// <summary>
    /// A channel to publish or to consume by, for the caller to dispose. The first is the one that has shown that the
    /// broker lets us in.
    /// </summary>
    /// <exception cref="BrokerException">As <see cref="OpenAsync"/>.</exception>
    public async Task<IChannel> TakeChannelAsync(CancellationToken ct)
    {
        var connection = await OpenAsync(ct);
        return Interlocked.Exchange(ref _first, null) is { IsOpen: true } first ? first
            : await connection.CreateChannelAsync(ChannelOptions, ct);
    }

    CreateChannelOptions ChannelOptions => new(_settings.Confirms, publisherConfirmationTrackingEnabled: false);

    public async ValueTask DisposeAsync()
    {
        Task? connecting;
        lock (_lock)
            (_isDisposed, connecting) = (true, _connecting);
        if (connecting is null)
            return;
        await connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_open is not { } open)
            return;
        await open.AbortAsync(Farewell);
        await open.DisposeAsync(); // and all of its channels with it
    }

    bool IsOver(Task<IConnection> connecting) => connecting.IsCompletedSuccessfully
        ? _open is not { IsOpen: true }
        : connecting.IsCompleted && _time.GetUtcNow() - _failedAt >= _settings.ReconnectWait;

    async Task<IConnection> ConnectAsync()
    {
        // the lock is not to be held meanwhile
        await Task.Yield();
        if (_open is { } old)
            await old.DisposeAsync();
        _open = null;
        try
        {
            var connection = await _factory.CreateConnectionAsync(CancellationToken.None);
            _first = await FirstChannelAsync(connection);
            connection.ConnectionShutdownAsync += OnShutdownAsync;
            connection.ConnectionBlockedAsync += OnBlockedAsync;
            connection.ConnectionUnblockedAsync += OnUnblockedAsync;
            Connected(_log, _settings.Component, _settings.Server);
            return _open = connection;
        }
        catch (Exception e)
        {
            _failedAt = _time.GetUtcNow();
            throw RabbitFault.OfConnecting(_settings, e);
        }
    }

    /// <summary>The library does not wait for the broker's word on the virtual host; a channel has to.</summary>
    async Task<IChannel> FirstChannelAsync(IConnection connection)
    {
        try
        {
            return await connection.CreateChannelAsync(ChannelOptions);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        if (!_isDisposed)
            Lost(_log, _settings.Component, _settings.Server, RabbitFault.Text(reason));
        return Task.CompletedTask;
    }

    Task OnBlockedAsync(object sender, ConnectionBlockedEventArgs reason)
    {
        Blocked(_log, _settings.Component, _settings.Server, reason.Reason);
        return Task.CompletedTask;
    }

    Task OnUnblockedAsync(object sender, AsyncEventArgs e)
    {
        Unblocked(_log, _settings.Component, _settings.Server);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "component {Component}: connected to RabbitMQ at {Server}")]
    static partial void Connected(ILogger log, string component, string server);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "component {Component}: the connection to RabbitMQ at {Server} is lost: {Reason}")]
    static partial void Lost(ILogger log, string component, string server, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "component {Component}: RabbitMQ at {Server} takes no messages until it has resources: {Reason}")]
    static partial void Blocked(ILogger log, string component, string server, string reason);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "component {Component}: RabbitMQ at {Server} takes messages again")]
    static partial void Unblocked(ILogger log, string component, string server);
}
