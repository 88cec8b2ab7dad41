namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>
/// Holds messages back, in the store, until every app that is expected has told its subscriptions once in the file's
/// life: so an event reaches also a service that starts for the first time after it was published. Used by the
/// broker's thread only.
/// </summary>
sealed class SubscriberGate(IEnumerable<string> told, bool hasHeld)
{
    readonly HashSet<string> _told = [.. told];
    string[] _missing = [];
    bool _isDrained = !hasHeld;

    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Nobody is missing and everything held was routed, so order is kept.</summary>
    public bool IsOpen => _missing.Length == 0 && _isDrained;

    public bool IsDraining => _missing.Length == 0 && !_isDrained;

    public void Expect(IEnumerable<string> appIds)
    {
        _missing = [.. appIds.Where(a => !_told.Contains(a))];
        if (_missing.Length > 0)
            _isDrained = false;
    }

    public void Told(string appId)
    {
        _told.Add(appId);
        _missing = [.. _missing.Where(a => a != appId)];
    }

    public void SetDrained(bool isDrained) => _isDrained = isDrained;
}
