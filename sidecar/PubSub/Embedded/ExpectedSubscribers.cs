using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>
/// The apps whose subscriptions every embedded broker of this process waits for before it lets events through.
/// </summary>
sealed class ExpectedSubscribers
{
    readonly Lock _lock = new();
    readonly List<EmbeddedBroker> _brokers = [];
    IReadOnlyCollection<string> _appIds = [];

    public static ExpectedSubscribers Of(SidecarNeighbourhood neighbourhood) =>
        neighbourhood.Shared(nameof(ExpectedSubscribers), () => new ExpectedSubscribers());

    /// <summary>
    /// Sets the apps, for brokers that are open and for those opened later; an empty list waits for nobody.
    /// </summary>
    public void Set(IReadOnlyCollection<string> appIds)
    {
        lock (_lock)
        {
            _appIds = appIds;
            foreach (var b in _brokers)
                b.ExpectSubscribers(appIds);
        }
    }

    /// <summary>Opens a broker that waits for these apps from its first moment on.</summary>
    internal EmbeddedBroker Open(Func<IReadOnlyCollection<string>, EmbeddedBroker> open)
    {
        lock (_lock)
        {
            var broker = open(_appIds);
            _brokers.Add(broker);
            return broker;
        }
    }
}
