using System.Text.Json;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Expressions;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>
/// What happens to one message of a subscription, from the broker to its end: acknowledged, dead-lettered, refused
/// (thrown) or given back (cancelled).
/// </summary>
sealed partial class Delivery(
    Subscription subscription, Routes routes, AppDelivery app, BulkDelivery? bulk, PolicyRunner inbound,
    Publisher publisher, DeliveryLife life, SidecarMetrics metrics, TimeProvider time, ILogger log)
{
    static readonly TimeSpan DeadLetterTimeout = TimeSpan.FromSeconds(30);

    readonly bool _isRaw = MessageMetadata.Find(subscription.Metadata, "rawPayload") is { } raw
        && MessageMetadata.Bool(raw) == true;

    /// <exception cref="RefusedException">The message is the component's to requeue or to drop.</exception>
    /// <exception cref="OperationCanceledException">Deliveries stop before the app decided, or it is ill.</exception>
    public async Task HandleAsync(PubSubMessage message, CancellationToken ct)
    {
        life.Stopping.ThrowIfCancellationRequested();
        var (path, answer) = await DeliverAsync(message, ct);
        metrics.PubSubIngress(subscription.PubSubName, subscription.Topic, answer.Verdict switch
        {
            Verdict.Success => "success",
            Verdict.Drop => "drop",
            _ => "retry",
        });
        if (answer.Verdict == Verdict.Success)
            return;
        if (answer.Verdict == Verdict.Failure)
            life.Stopping.ThrowIfCancellationRequested();
        if (subscription.DeadLetterTopic is { } topic)
            await DeadLetterAsync(message, topic, answer.Reason);
        else if (answer.Verdict == Verdict.Failure)
            throw new RefusedException(answer.Reason);
        else
            Dropped(log, subscription.Topic, path, answer.Reason);
    }

    async Task<(string? Path, AppAnswer Answer)> DeliverAsync(PubSubMessage message, CancellationToken ct)
    {
        string? path = null;
        try
        {
            using var cloudEvent = IncomingEvent.Parse(
                _isRaw
                    ? Envelope.FromRaw(message.Data.Span, subscription.PubSubName, subscription.Topic)
                    : message.Data);
            if (cloudEvent.IsExpired(time.GetUtcNow()))
                return (null, new(Verdict.Drop, Reason: "it is expired"));
            path = routes.Find(cloudEvent.Fields);
            if (path is null)
                return (null, new(Verdict.Drop, Reason: "no rule takes it"));
            var answer = bulk is null
                ? await SendAsync(path, cloudEvent, message.Metadata, ct)
                : await bulk.SendAsync(path, _isRaw ? message.Data : cloudEvent.Body, _isRaw, message.Metadata);
            return (path, answer);
        }
        catch (Exception e) when (e is JsonException or CelException)
        {
            return (path, new(Verdict.Failure, Reason: $"it is no event for this subscription: {e.Message}"));
        }
        catch (OperationCanceledException) when (life.Stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (AppUnavailableException e)
        {
            throw new OperationCanceledException(e.Message, e);
        }
        catch (Exception e)
        {
            return (path, new(Verdict.Failure, Reason: e.Message));
        }
    }

    Task<AppAnswer> SendAsync(
        string path, IncomingEvent cloudEvent, IReadOnlyDictionary<string, string> metadata, CancellationToken ct)
    {
        return inbound.RunAsync(AttemptAsync, a => a.Verdict == Verdict.Failure ? a.Code : null, life.Stopping);

        async Task<AppAnswer> AttemptAsync(CancellationToken timeout)
        {
            using var call = new AppCall(life, timeout, ct);
            var (status, body) = await app.PostAsync(
                path, cloudEvent.Body, ContentTypes.CloudEvent, subscription.PubSubName, metadata,
                cloudEvent.Text("traceparent"),
                call.Token);
            return AppAnswer.ToEvent(status, body);
        }
    }

    /// <summary>The original bytes, through the same component. Where that fails too, the message is refused.</summary>
    async Task DeadLetterAsync(PubSubMessage message, string topic, string reason)
    {
        using var timeout = new CancellationTokenSource(DeadLetterTimeout, time);
        try
        {
            await publisher.PublishAsItIsAsync(
                subscription.PubSubName, topic, message.Data, message.Metadata, timeout.Token);
        }
        catch (Exception e)
        {
            throw new RefusedException(
                $"{reason}; it can't be published to the dead-letter topic {topic}: {e.Message}");
        }
        DeadLettered(log, subscription.Topic, topic, reason);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "topic {Topic}: an event was dropped (route {Path}): {Reason}")]
    static partial void Dropped(ILogger log, string topic, string? path, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "topic {Topic}: an event went to the dead-letter topic {DeadLetterTopic}: {Reason}")]
    static partial void DeadLettered(ILogger log, string topic, string deadLetterTopic, string reason);
}

/// <summary>The event was not taken, and there is no dead-letter topic that took it.</summary>
sealed class RefusedException(string reason) : Exception(reason);
