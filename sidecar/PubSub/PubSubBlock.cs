using System.Text.Json.Nodes;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resiliency;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>The app's subscriptions and their life.</summary>
sealed partial class PubSubBlock(
    PubSubComponents components, LoadedResources resources, SubscriptionSource source, AppDelivery app,
    Publisher publisher, ResiliencyPolicies policies, SidecarMetrics metrics, TimeProvider time,
    ILogger<PubSubBlock> log)
    : IBuildingBlock, IMetadataContributor, IAsyncDisposable
{
    readonly List<ActiveSubscription> _active = [];
    DeliveryLife _life = new();
    IReadOnlyList<Subscription>? _known;
    bool _appSaid, _isDisposed;

    /// <summary>The subscriptions that live; none before the app was asked.</summary>
    public void AddTo(JsonObject metadata)
    {
        if (_known is { Count: > 0 } known)
            metadata["subscriptions"] = new JsonArray([.. known.Select(SubscriptionList.ToJson)]);
    }

    public async Task<bool> AskAppAsync(CancellationToken ct)
    {
        if (!components.All.Any())
            return true;
        var (told, askAgain) = await source.FetchAsync(ct);
        _appSaid = told is not null;
        _known = SubscriptionList.Effective(resources.Subscriptions, told ?? []);
        return !askAgain;
    }

    public async Task StartDeliveringAsync(CancellationToken ct)
    {
        if (_known is null)
            return;
        _life.Dispose();
        _life = new();
        foreach (var component in components.All.ToList())
            await StartAsync(component);
        foreach (var s in _known.Where(s => components.Find(s.PubSubName) is null))
            UnknownPubSub(log, s.Topic, s.PubSubName);
    }

    public async Task StopDeliveringAsync(CancellationToken ct)
    {
        await _life.StopAsync();
        await using var grace = ct.Register(_life.Abandon);
        await Task.WhenAll(_active.Select(a => a.StopAsync()));
        _active.Clear();
    }

    /// <summary>Comes once for each type that the block stands under in the container.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await StopDeliveringAsync(new(canceled: true));
        _life.Dispose();
    }

    async Task StartAsync(PubSubComponent component)
    {
        var started = new List<Task>();
        var isComplete = _appSaid;
        foreach (var s in _known!.Where(s => s.PubSubName == component.Name))
            if (TryRead(component, s, out var isWanted) is { } routes)
            {
                var active = new ActiveSubscription(component.Broker, s, Handler(s, routes), _life, time, log);
                _active.Add(active);
                started.Add(await active.StartAsync());
            }
            else
                isComplete &= !isWanted;
        if (!isComplete)
            return;
        var telling = TellAsync(component, started, _life.Stopping);
        if (started.TrueForAll(t => t.IsCompleted))
            await telling;
    }

    async Task TellAsync(PubSubComponent component, List<Task> started, CancellationToken stopping)
    {
        try
        {
            await Task.WhenAll(started).WaitAsync(stopping);
            await component.Broker.SubscriptionsToldAsync(stopping);
        }
        catch (Exception e)
        {
            if (!stopping.IsCancellationRequested)
                NotTold(log, e, component.Name);
        }
    }

    /// <summary>Null for a subscription that can't be started, or need not.</summary>
    Routes? TryRead(PubSubComponent component, Subscription subscription, out bool isWanted)
    {
        isWanted = false;
        if (!component.Scopes.MaySubscribe(subscription.Topic))
        {
            Forbidden(log, subscription.Topic, component.Name);
            return null;
        }
        try
        {
            var routes = new Routes(subscription);
            if (!routes.IsEmpty)
                return routes;
            NoRoute(log, subscription.Topic, component.Name);
        }
        catch (ConfigurationException e)
        {
            isWanted = true;
            WrongRule(log, e.Message);
        }
        return null;
    }

    Func<PubSubMessage, CancellationToken, Task> Handler(Subscription subscription, Routes routes)
    {
        var inbound = policies.ForComponent(subscription.PubSubName, ComponentKind.PubSub, Direction.Inbound);
        var bulk = subscription.Bulk is { } limits
            ? new BulkDelivery(subscription, limits, app, inbound, _life, time)
            : null;
        return new Delivery(subscription, routes, app, bulk, inbound, publisher, _life, metrics, time, log).HandleAsync;
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "the subscription to topic {Topic} has no component: there is no pubsub {PubSub}")]
    static partial void UnknownPubSub(ILogger log, string topic, string pubSub);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "subscriptionScopes forbid topic {Topic} of pubsub {PubSub}: it is not subscribed to")]
    static partial void Forbidden(ILogger log, string topic, string pubSub);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the subscription to topic {Topic} of pubsub {PubSub} has no route: it is passed over")]
    static partial void NoRoute(ILogger log, string topic, string pubSub);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Reason}")]
    static partial void WrongRule(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "pubsub {PubSub} was not told that all subscriptions are there")]
    static partial void NotTold(ILogger log, Exception error, string pubSub);
}
