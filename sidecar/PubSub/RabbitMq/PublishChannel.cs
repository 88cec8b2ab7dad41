using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary>
/// A channel for publishing, with any number of confirmations outstanding. They are tracked here because the library's
/// own tracking puts a header into every message.
/// </summary>
sealed class PublishChannel : IDisposable
{
    readonly IChannel _channel;
    readonly bool _confirms;
    readonly SemaphoreSlim _order = new(1, 1);
    readonly Lock _lock = new();
    readonly Dictionary<ulong, TaskCompletionSource> _unconfirmed = [];
    readonly ConcurrentDictionary<string, bool> _exchanges = new();
    ulong _oldest = 1;

    public PublishChannel(IChannel channel, bool confirms)
    {
        (_channel, _confirms) = (channel, confirms);
        channel.BasicAcksAsync += OnAckAsync;
        channel.BasicNacksAsync += OnNackAsync;
        channel.ChannelShutdownAsync += OnShutdownAsync;
    }

    public bool IsOpen => _channel.IsOpen;

    public bool Knows(string topic) => _exchanges.ContainsKey(topic);

    /// <summary>
    /// Once for each topic, on a channel of its own: a refusal closes the channel, which is not to hit other topics.
    /// </summary>
    public async Task DeclareAsync(
        string topic, RabbitConnection connection, RabbitSettings settings, CancellationToken ct)
    {
        var open = await connection.OpenAsync(ct);
        await using var channel = await open.CreateChannelAsync(cancellationToken: ct);
        await RabbitTopology.DeclareExchangeAsync(channel, topic, settings, ct);
        _exchanges.TryAdd(topic, true);
    }

    /// <summary>Hands the message to the broker.</summary>
    /// <returns>Ends with the broker's confirmation; at once where the component asks for none.</returns>
    /// <exception cref="PublishException">(of the result) The broker refused the message.</exception>
    /// <exception cref="OperationInterruptedException">The channel was closed; the message may be lost.</exception>
    public async Task<Task> SendAsync(PubSubMessage message, RabbitSettings settings, CancellationToken ct)
    {
        var (key, properties) = (WireMessage.RoutingKey(message), WireMessage.Properties(message, settings));
        if (!_confirms)
        {
            await WriteAsync();
            return Task.CompletedTask;
        }
        await _order.WaitAsync(ct);
        try
        {
            var number = await _channel.GetNextPublishSequenceNumberAsync(CancellationToken.None);
            var confirmation = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
                _unconfirmed.Add(number, confirmation);
            try
            {
                await WriteAsync();
            }
            catch
            {
                lock (_lock)
                    _unconfirmed.Remove(number);
                throw;
            }
            return confirmation.Task;
        }
        finally
        {
            _order.Release();
        }

        async Task WriteAsync()
        {
            await _channel.BasicPublishAsync(
                message.Topic, key, mandatory: false, properties, message.Data, CancellationToken.None);
            if (!_channel.IsOpen)
                throw new AlreadyClosedException(_channel.CloseReason!);
        }
    }

    public void Dispose() => _order.Dispose();

    Task OnAckAsync(object sender, BasicAckEventArgs e) => Settle(e.DeliveryTag, e.Multiple, c => c.TrySetResult());

    Task OnNackAsync(object sender, BasicNackEventArgs e) => Settle(
        e.DeliveryTag, e.Multiple, c => c.TrySetException(new PublishException(e.DeliveryTag, isReturn: false)));

    Task OnShutdownAsync(object sender, ShutdownEventArgs reason) => Settle(
        ulong.MaxValue, isMultiple: true, c => c.TrySetException(new AlreadyClosedException(reason)));

    Task Settle(ulong number, bool isMultiple, Action<TaskCompletionSource> settle)
    {
        lock (_lock)
        {
            if (number == ulong.MaxValue)
            {
                foreach (var confirmation in _unconfirmed.Values)
                    settle(confirmation);
                _unconfirmed.Clear();
                return Task.CompletedTask;
            }
            for (var n = isMultiple ? _oldest : number; n <= number; n++)
                if (_unconfirmed.Remove(n, out var confirmation))
                    settle(confirmation);
            if (isMultiple)
                _oldest = number + 1;
        }
        return Task.CompletedTask;
    }
}
