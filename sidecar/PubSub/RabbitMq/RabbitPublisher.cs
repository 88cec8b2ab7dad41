using RabbitMQ.Client.Exceptions;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary>
/// Publishes, as many messages at once as come. What goes wrong with the connection is tried again, as the runtime does
/// it; a message may so be published twice.
/// </summary>
sealed class RabbitPublisher(RabbitConnection connection, RabbitSettings settings, TimeProvider time)
    : IDisposable
{
    const int Tries = 3;

    /// <summary>A broker that is alive and does not confirm has lost its disk, its memory or its majority.</summary>
    static readonly TimeSpan LongestConfirmation = TimeSpan.FromSeconds(30);

    readonly SemaphoreSlim _opening = new(1, 1);
    PublishChannel? _channel;

    /// <exception cref="BrokerException">The message is not published, or nobody knows.</exception>
    public async Task PublishAsync(PubSubMessage message, CancellationToken ct)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                var channel = await ReadyAsync(message.Topic, ct);
                var confirmation = await channel.SendAsync(message, settings, ct);
                await confirmation.WaitAsync(LongestConfirmation, time, ct);
                return;
            }
            catch (PublishException e)
            {
                throw new BrokerException(
                    $"RabbitMQ refused the message for '{message.Topic}': a queue of it is full, or can't store", e);
            }
            catch (TimeoutException e)
            {
                throw new BrokerException($"RabbitMQ did not confirm the message for '{message.Topic}' within "
                    + $"{LongestConfirmation.TotalSeconds} s: look for its alarms and the majority of its nodes", e);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                if (tried == Tries || RabbitFault.IsLasting(e.InnerException ?? e))
                    throw e as BrokerException ?? new BrokerException(RabbitFault.Text(e), e);
                await Task.Delay(settings.ReconnectWait, time, ct);
            }
        }
    }

    public void Dispose()
    {
        _opening.Dispose();
        _channel?.Dispose();
    }

    /// <summary>An open channel in whose life the topic's exchange was declared.</summary>
    async Task<PublishChannel> ReadyAsync(string topic, CancellationToken ct)
    {
        if (_channel is { IsOpen: true } ready && ready.Knows(topic))
            return ready;
        await _opening.WaitAsync(ct);
        try
        {
            if (_channel is not { IsOpen: true } channel)
                _channel = channel = new PublishChannel(
                    await connection.TakeChannelAsync(ct), settings.Confirms);
            if (!channel.Knows(topic))
                await channel.DeclareAsync(topic, connection, settings, ct);
            return channel;
        }
        finally
        {
            _opening.Release();
        }
    }
}
