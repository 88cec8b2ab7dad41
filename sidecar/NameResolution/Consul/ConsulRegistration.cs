namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>
/// Keeps this sidecar registered: also where Consul was away at the start, lost its data, or removed an instance that
/// it could not reach for a while.
/// </summary>
sealed partial class ConsulRegistration(
    ConsulSettings settings, ConsulClient consul, TimeProvider time, ILogger<ConsulRegistration> log) : IDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource _ending = new();
    Task _keeping = Task.CompletedTask;
    string? _trouble;
    bool _isStarted;

    /// <summary>Returns after the first try, whatever came of it.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        if (settings.Registration is not { } service)
            return;
        _isStarted = true;
        try
        {
            await RegisterAsync(service, ct);
        }
        catch (ConsulException e)
        {
            Report(e);
        }
        _keeping = KeepAsync(service, _ending.Token);
    }

    public async Task StopAsync()
    {
        await _ending.CancelAsync();
        await _keeping;
        if (!_isStarted || settings is not { Registration: { } service, SelfDeregister: true })
            return;
        try
        {
            await consul.DeregisterAsync(service.Id, CancellationToken.None);
        }
        catch (ConsulException e)
        {
            LogLeft(service.Id, e.Message);
        }
    }

    public void Dispose() => _ending.Dispose();

    async Task KeepAsync(ServiceRegistration service, CancellationToken ct)
    {
        string? hash = null;
        while (!ct.IsCancellationRequested)
            try
            {
                var asked = time.GetTimestamp();
                var known = hash is not null;
                hash = await consul.WatchOwnAsync(service.Id, hash, ct);
                // Removed while Consul watched it, it must be probed before it gets calls; a Consul that comes back
                // without its data, and says so at once, did not judge it.
                var isRemoved = known && time.GetElapsedTime(asked) >= Pause;
                if (hash is null)
                    await RegisterAsync(isRemoved ? service.Unproven() : service, ct);
                _trouble = null;
                await Task.Delay(Pause, time, ct);
            }
            catch (ConsulException e)
            {
                hash = null;
                Report(e);
                await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
    }

    async Task RegisterAsync(ServiceRegistration service, CancellationToken ct)
    {
        await consul.RegisterAsync(service, ct);
        _trouble = null;
        LogRegistered(service.Id, consul.Address);
    }

    void Report(ConsulException e)
    {
        if (_trouble != e.Message)
            LogTrouble(consul.Address, e.Message);
        _trouble = e.Message;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "registered as {Id} with Consul at {Address}")]
    partial void LogRegistered(string id, Uri address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Consul at {Address} can't be told of this sidecar ({Why}); "
        + "trying again until it can; spec.nameResolution.configuration.client of the Configuration says where it is")]
    partial void LogTrouble(Uri address, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Id} stays registered with Consul: {Why}")]
    partial void LogLeft(string id, string why);
}
