namespace CloudPhone.Devices.Providers.Simulated;

/// <summary>Phones that are processes of PhoneSimulator on this machine: one each, and off when it has ended.</summary>
sealed class SimulatedProvider(PhoneFiles files, PhoneProcesses processes, PhoneControl control) : IDeviceProvider
{
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    static readonly TimeSpan StopPoll = TimeSpan.FromMilliseconds(10);

    public Task CreateAsync(PhoneSpec spec, CancellationToken ct) =>
        OnDisk(() => files.CreateAsync(spec, ct), "The phone's folder could not be made.");

    public Task StartAsync(Guid deviceId, CancellationToken ct)
    {
        if (!files.Exists(deviceId))
            throw new ProviderException("The phone's data are missing.", permanent: true);
        if (!IsRunning(deviceId))
            processes.Start(deviceId, files.Folder(deviceId));
        return Task.CompletedTask;
    }

    public async Task StopAsync(Guid deviceId, CancellationToken ct)
    {
        if (!IsRunning(deviceId))
            return;
        if (files.Run(deviceId) is { } run && files.Token(deviceId) is { } token)
            await control.PowerOffAsync(run, token, ct);
        else
            processes.Kill(deviceId, null);
        if (await HasEndedAsync(deviceId, ct))
            return;
        processes.Kill(deviceId, files.Run(deviceId));
        if (!await HasEndedAsync(deviceId, ct))
            throw new ProviderException("The phone could not be switched off.");
    }

    public async Task RemoveAsync(Guid deviceId, CancellationToken ct)
    {
        await StopAsync(deviceId, ct);
        if (Directory.Exists(files.Folder(deviceId)))
            await OnDisk(() => Task.Run(() => files.Delete(deviceId), ct), "The phone's data could not be removed.");
    }

    public async Task<PhoneState> GetStateAsync(Guid deviceId, CancellationToken ct)
    {
        if (!files.Exists(deviceId))
            return PhoneState.Missing;
        if (!IsRunning(deviceId))
            return PhoneState.Off(files.End(deviceId));
        if (files.Run(deviceId) is not { } run || files.Token(deviceId) is not { } token)
            return new(true, true, false, null);
        var status = await control.StatusAsync(deviceId, run, token, ct);
        return new(true, true, status is { Booted: true }, PhoneControl.Endpoint(run));
    }

    public Task<IReadOnlyList<Guid>> ListAsync(CancellationToken ct) => Task.FromResult(files.List());

    public async Task InstallAsync(Guid deviceId, PackageSpec package, Stream apk, CancellationToken ct)
    {
        var (run, token) = Reach(deviceId);
        await control.InstallAsync(run, token, package, apk, ct);
    }

    public async Task<IReadOnlyList<PackageSpec>> ListPackagesAsync(Guid deviceId, CancellationToken ct)
    {
        var (run, token) = Reach(deviceId);
        return await control.PackagesAsync(run, token, ct);
    }

    bool IsRunning(Guid id) => processes.IsOwnAlive(id) || files.IsLocked(id);

    (PhoneRun Run, string Token) Reach(Guid id) =>
        files.Run(id) is { } run && files.Token(id) is { } token ? (run, token)
            : throw new ProviderException("The phone is off.");

    async Task<bool> HasEndedAsync(Guid id, CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; waited < StopLimit; waited += StopPoll)
        {
            if (!IsRunning(id))
                return true;
            await Task.Delay(StopPoll, ct);
        }
        return false;
    }

    static async Task OnDisk(Func<Task> work, string otherwise)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProviderException(otherwise, e);
        }
    }
}
