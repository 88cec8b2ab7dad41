namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>The healthy instances of one app, as Consul told them last.</summary>
sealed partial class AppInstances(
    string appId, ConsulSettings settings, ConsulClient consul, TimeProvider time, ILogger log)
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long an instance that could not be connected to is passed over, if there is another.</summary>
    static readonly TimeSpan Avoidance = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A Consul that comes back without its data has no instances until they have registered again: for so long an
    /// empty answer is not believed.
    /// </summary>
    static readonly TimeSpan Recovery = TimeSpan.FromSeconds(10);

    volatile PeerAddress[] _instances = [];
    volatile bool _isWatched;
    long _failedAt;

    /// <summary>Ends when the token given to <see cref="Watch"/> fires.</summary>
    public Task Watching { get; private set; } = Task.CompletedTask;

    /// <exception cref="NameNotResolvedException">There is none, or Consul never told.</exception>
    public ValueTask<PeerAddress> PickAsync(CancellationToken ct) => _isWatched ? new(Pick()) : new(AskAsync(ct));

    /// <summary>From now on instances come from a blocking query.</summary>
    public void Watch(CancellationToken ct)
    {
        _isWatched = true;
        Watching = WatchAsync(ct);
    }

    async Task<PeerAddress> AskAsync(CancellationToken ct)
    {
        // Calls do not queue up before a Consul that does not answer.
        if (_instances.Length > 0 && FailedWithin(Pause))
            return Pick();
        try
        {
            Take((await consul.HealthyAsync(appId, 0, ct)).Entries);
        }
        catch (ConsulException e)
        {
            if (_instances.Length == 0)
                throw new NameNotResolvedException($"failed to query healthy consul services: {e.Message}", e);
            Fail(e);
        }
        return Pick();
    }

    async Task WatchAsync(CancellationToken ct)
    {
        var index = 0ul;
        while (!ct.IsCancellationRequested)
            try
            {
                var (entries, now) = await consul.HealthyAsync(appId, index, ct);
                // An index that goes back is that of another history.
                index = Take(entries) && now >= index ? now : 0;
                if (index == 0)
                    await Task.Delay(Pause, time, ct);
            }
            catch (ConsulException e)
            {
                Fail(e);
                index = 0;
                await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
    }

    /// <returns>False where the answer is not believed yet.</returns>
    bool Take(HealthEntry[] entries)
    {
        if (entries.Length == 0 && _instances.Length > 0 && FailedWithin(Recovery))
            return false;
        var before = _instances;
        PeerAddress[] found = [.. entries.Select(Authority).OfType<string>()
            .Select(a => Array.Find(before, p => p.Authority == a) ?? new PeerAddress(a))];
        if (found.Length == 0 && entries.Length > 0)
            LogWithoutPort(appId, settings.PortMetaKey);
        _instances = found;
        return true;
    }

    PeerAddress Pick()
    {
        var instances = _instances;
        if (instances.Length == 0)
            throw NameNotResolvedException.NoInstances(appId);
        var start = instances.Length == 1 ? 0 : Random.Shared.Next(instances.Length);
        for (var i = 0; i < instances.Length; i++)
            if (instances[(start + i) % instances.Length] is var peer && !peer.IsAvoided(time, Avoidance))
                return peer;
        return instances[start];
    }

    string? Authority(HealthEntry entry)
    {
        var host = entry.Service.Address is { Length: > 0 } own ? own : entry.Node.Address;
        var port = entry.Service.Meta?.GetValueOrDefault(settings.PortMetaKey);
        if (host is { Length: > 0 } && host.Contains(':') && host[0] != '[')
            host = $"[{host}]";
        return Uri.TryCreate($"http://{host}:{port}", UriKind.Absolute, out var uri) && port is { Length: > 0 }
            ? uri.Authority : null;
    }

    bool FailedWithin(TimeSpan duration) =>
        Volatile.Read(ref _failedAt) is not 0 and var at && time.GetElapsedTime(at) < duration;

    void Fail(ConsulException e)
    {
        if (!FailedWithin(Recovery))
            LogLastKnown(appId, _instances.Length, e.Message);
        Volatile.Write(ref _failedAt, time.GetTimestamp());
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "calls to {AppId} go to its last known {Count} instances: Consul does not answer ({Why})")]
    partial void LogLastKnown(string appId, int count, string why);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "target service AppID '{AppId}' found but {Key} missing from meta")]
    partial void LogWithoutPort(string appId, string key);
}
