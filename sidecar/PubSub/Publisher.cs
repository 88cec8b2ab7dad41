using System.Diagnostics;
using System.Text.Json;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Where to publish, and for whom.</summary>
/// <param name="TraceParent">The caller's W3C trace, as it came.</param>
sealed record PublishTarget(
    string PubSubName, string Topic, IReadOnlyDictionary<string, string> Metadata, string? TraceParent = null);

/// <param name="ContentType">null or "": text/plain, as the runtime has it.</param>
/// <param name="Metadata">null or empty: the entry has none at all and takes nothing from the request's either.</param>
sealed record BulkEntry(
    string EntryId, ReadOnlyMemory<byte> Data, string? ContentType, IReadOnlyDictionary<string, string>? Metadata);

/// <summary>An entry of a bulk that the broker did not take, and why.</summary>
sealed record FailedEntry(string EntryId, string Error);

/// <summary>Publishes for both APIs and for dead letters: scopes, envelope, outbound policy, component.</summary>
sealed class Publisher
{
    readonly PubSubComponents _components;
    readonly ResiliencyPolicies _policies;
    readonly string _appId;
    readonly TraceContext _trace;
    readonly SidecarMetrics _metrics;
    readonly TimeProvider _time;

    internal Publisher(
        PubSubComponents components, ResiliencyPolicies policies, SidecarOptions options, TraceContext trace,
        SidecarMetrics metrics,
        TimeProvider time) =>
        (_components, _policies, _appId, _trace, _metrics, _time) =
        (components, policies, options.AppId, trace, metrics, time);

    /// <summary>Returns once the broker has the event.</summary>
    /// <exception cref="ApiException">Unknown component, forbidden topic, wrong metadata, or the broker
    /// refuses.</exception>
    public async Task PublishAsync(
        PublishTarget target, ReadOnlyMemory<byte> data, string? contentType, CancellationToken ct)
    {
        var component = Allowed(target);
        using var span = Span(target);
        var trace = EventTrace.OfPublication(_trace, span, target.TraceParent, isBulk: false);
        var message = Message(component, target, data, contentType, target.Metadata, trace);
        try
        {
            await SendAsync(component, message, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            throw PubSubErrors.Failed(target.PubSubName, target.Topic, e.Message);
        }
    }

    /// <summary>
    /// Publishes each entry for itself, in order where the broker keeps one; the others are not held up by one that
    /// fails.
    /// </summary>
    /// <returns>The entries that failed.</returns>
    /// <exception cref="ApiException">As for one event, and for entries without an id of their own: nothing was
    /// published.</exception>
    public async Task<IReadOnlyList<FailedEntry>> BulkPublishAsync(
        PublishTarget target, IReadOnlyList<BulkEntry> entries, CancellationToken ct)
    {
        var component = Allowed(target);
        if (entries.Any(e => e.EntryId.Length == 0) || entries.DistinctBy(e => e.EntryId).Count() < entries.Count)
            throw PubSubErrors.Entries(
                target.PubSubName, target.Topic, "entryId is duplicated or not present for entry");
        using var span = Span(target);
        var messages = entries.Select(e => Message(
            component, target, e.Data, e.ContentType, Merge(target, e),
            EventTrace.OfPublication(_trace, span, target.TraceParent, isBulk: true))).ToList();
        var failures = await Task.WhenAll(messages.Select((m, i) => TryAsync(component, entries[i].EntryId, m, ct)));
        return [.. failures.OfType<FailedEntry>()];
    }

    /// <summary>Publishes bytes as they are: an event that was refused, to its dead-letter topic.</summary>
    /// <exception cref="ApiException">The app may not publish to that topic.</exception>
    internal Task PublishAsItIsAsync(
        string pubSubName, string topic, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata,
        CancellationToken ct)
    {
        var component = Allowed(new(pubSubName, topic, metadata));
        return SendAsync(component, new(topic, data, null, metadata), ct);
    }

    PubSubComponent Allowed(PublishTarget target)
    {
        var component = _components.Find(target.PubSubName) ?? throw PubSubErrors.NotFound(target.PubSubName);
        return component.Scopes.MayPublish(target.Topic)
            ? component
            : throw PubSubErrors.Forbidden(target.Topic, _appId);
    }

    PubSubMessage Message(
        PubSubComponent component, PublishTarget target, ReadOnlyMemory<byte> data, string? contentType,
        IReadOnlyDictionary<string, string> metadata, string trace)
    {
        if (IsRaw(metadata))
            return new(target.Topic, data, contentType, metadata);
        var now = _time.GetUtcNow();
        var expires = component.ExpiresMessages ? null : now + MessageMetadata.TimeToLive(metadata);
        var context = new EnvelopeContext(_appId, target.PubSubName, target.Topic, trace, now, expires);
        var type = contentType is { Length: > 0 } ? contentType : "text/plain";
        try
        {
            var envelope = ContentTypes.Is(type, ContentTypes.CloudEvent)
                ? Envelope.Complete(data, context)
                : Envelope.Wrap(data.Span, type, metadata, context);
            return new(target.Topic, envelope, ContentTypes.CloudEvent, metadata);
        }
        catch (JsonException e)
        {
            throw PubSubErrors.NoCloudEvent(e.Message);
        }
    }

    static bool IsRaw(IReadOnlyDictionary<string, string> metadata) =>
        MessageMetadata.Find(metadata, "rawPayload") is { Length: > 0 } text
        && (MessageMetadata.Bool(text) ?? throw PubSubErrors.RawPayload(text));

    /// <summary>The entry's own metadata come first; the request's are added only to an entry that has some.</summary>
    static Dictionary<string, string> Merge(PublishTarget target, BulkEntry entry)
    {
        var raw = MessageMetadata.Find(target.Metadata, "rawPayload");
        if (entry.Metadata is not { Count: > 0 } own)
            return raw is null ? [] : new() { ["rawPayload"] = raw };
        var merged = new Dictionary<string, string>(own);
        foreach (var (key, value) in target.Metadata)
            merged.TryAdd(key, value);
        return merged;
    }

    async Task<FailedEntry?> TryAsync(
        PubSubComponent component, string entryId, PubSubMessage message, CancellationToken ct)
    {
        try
        {
            await SendAsync(component, message, ct);
            return null;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return new(entryId, e.Message);
        }
    }

    async Task SendAsync(PubSubComponent component, PubSubMessage message, CancellationToken ct)
    {
        var success = false;
        try
        {
            await _policies.ForComponent(component.Name, ComponentKind.PubSub, Direction.Outbound)
                .RunAsync(t => component.Broker.PublishAsync(message, t), ct);
            success = true;
        }
        finally
        {
            _metrics.PubSubEgress(component.Name, message.Topic, success);
        }
    }

    Activity? Span(PublishTarget target) =>
        _trace.Start($"pubsub/{target.Topic}", ActivityKind.Producer, target.TraceParent, tracestate: null);
}
