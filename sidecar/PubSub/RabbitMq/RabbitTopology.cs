using RabbitMQ.Client;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary>
/// Declares what the runtime declares, argument for argument: one that differs is refused by the broker.
/// </summary>
static class RabbitTopology
{
    /// <exception cref="BrokerException">The broker refuses it; the channel is closed.</exception>
    public static async Task DeclareExchangeAsync(
        IChannel channel, string topic, RabbitSettings settings, CancellationToken ct)
    {
        try
        {
            await channel.ExchangeDeclareAsync(
                topic, Name(settings.Broker.Kind), settings.IsDurable, settings.IsAutoDelete, cancellationToken: ct);
        }
        catch (Exception e) when (RabbitFault.IsLasting(e))
        {
            throw RabbitFault.OfDeclaring($"exchange '{topic}'", e);
        }
    }

    /// <summary>The queue with its bindings, and its dead-letter queue where the component asks for one.</summary>
    /// <exception cref="BrokerException">The broker refuses it; the channel is closed.</exception>
    public static async Task DeclareQueueAsync(
        IChannel channel, string topic, SubscribedQueue queue, RabbitSettings settings, CancellationToken ct)
    {
        try
        {
            if (settings.HasDeadLetterQueue)
                await DeclareDeadLettersAsync(channel, queue.Name, settings, ct);
            await channel.QueueDeclareAsync(
                queue.Name, settings.IsDurable, exclusive: false, settings.IsAutoDelete, Arguments(queue, settings),
                cancellationToken: ct);
            foreach (var key in queue.Keys)
                await channel.QueueBindAsync(queue.Name, topic, key, cancellationToken: ct);
        }
        catch (Exception e) when (RabbitFault.IsLasting(e))
        {
            throw RabbitFault.OfDeclaring($"queue '{queue.Name}'", e);
        }
    }

    static async Task DeclareDeadLettersAsync(
        IChannel channel, string queue, RabbitSettings settings, CancellationToken ct)
    {
        var (exchange, name) = (DeadLetterExchange(queue), $"dlq-{queue}");
        await channel.ExchangeDeclareAsync(
            exchange, ExchangeType.Fanout, durable: true, settings.IsAutoDelete, cancellationToken: ct);
        var arguments = Limits(settings);
        arguments["x-queue-mode"] = "lazy";
        await channel.QueueDeclareAsync(
            name, durable: true, exclusive: false, settings.IsAutoDelete, arguments, cancellationToken: ct);
        await channel.QueueBindAsync(name, exchange, "", cancellationToken: ct);
    }

    static Dictionary<string, object?> Arguments(SubscribedQueue queue, RabbitSettings settings)
    {
        var arguments = Limits(settings);
        arguments["x-queue-type"] = queue.Type;
        if (settings.HasDeadLetterQueue)
            arguments["x-dead-letter-exchange"] = DeadLetterExchange(queue.Name);
        if (queue.MaxPriority is { } priority)
            arguments["x-max-priority"] = priority;
        if (queue.IsSingleActive)
            arguments["x-single-active-consumer"] = true;
        return arguments;
    }

    static Dictionary<string, object?> Limits(RabbitSettings settings)
    {
        var arguments = new Dictionary<string, object?>();
        if (settings.MaxLength is { } length)
            arguments["x-max-length"] = length;
        if (settings.MaxBytes is { } bytes)
            arguments["x-max-length-bytes"] = bytes;
        return arguments;
    }

    static string DeadLetterExchange(string queue) => $"dlx-{queue}";

    static string Name(ExchangeKind kind) => kind switch
    {
        ExchangeKind.Topic => ExchangeType.Topic,
        ExchangeKind.Direct => ExchangeType.Direct,
        _ => ExchangeType.Fanout,
    };
}
