namespace CloudPhone.Devices.Providers.Simulated;

/// <summary>Phones that are processes of PhoneSimulator on this machine: one each, and off when it has ended.</summary>
sealed class SimulatedProvider(PhoneFiles files, PhoneProcesses processes, PhoneControl control) : IDeviceProvider
{
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    static readonly TimeSpan StopPoll = TimeSpan.FromMilliseconds(10);
    readonly PhoneCopies _copies = new(files);

    public Task CreateAsync(PhoneSpec spec, CancellationToken ct) =>
        OnDisk(() => files.CreateAsync(spec, ct), "The phone's folder could not be made.");

    public async Task StartAsync(Guid deviceId, CancellationToken ct)
    {
        if (!files.Exists(deviceId))
            throw new ProviderException("The phone's data are missing.");
        if (IsRunning(deviceId))
            return;
        await CopyAsync(() => _copies.Finish(deviceId), ct);
        processes.Start(deviceId, files.Folder(deviceId), files.Look(deviceId));
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

    public Task DiscardAsync(Guid deviceId, CancellationToken ct) => StopAsync(deviceId, ct);

    public Task DiscardAsync(FoundPhone phone, CancellationToken ct) => StopAsync(phone.DeviceId, ct);

    public Task RemoveAsync(FoundPhone phone, CancellationToken ct) => RemoveAsync(phone.DeviceId, ct);

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
        // asked for each time: phones without a runner end when nobody calls them, and a port may be another's by now
        if (files.Run(deviceId) is { } run && files.Token(deviceId) is { } token
            && await control.AnswersAsync(deviceId, run, token, ct))
            return new(true, true, new("127.0.0.1", run.AdbPort, deviceId.ToString("N")));
        return new(true, true, null);
    }

    public bool HasSnapshots => true;

    public async Task<long> SaveAsync(PhoneSpec spec, Guid snapshotId, CancellationToken ct)
    {
        var bytes = 0L;
        await CopyAsync(() => bytes = _copies.Save(spec.DeviceId, snapshotId, ct), ct);
        return bytes;
    }

    public Task LoadAsync(PhoneSpec spec, Guid snapshotId, CancellationToken ct) =>
        CopyAsync(() => _copies.Load(spec, snapshotId, ct), ct);

    public async Task<bool> UndoAsync(PhoneSpec spec, CancellationToken ct)
    {
        var isUndone = false;
        await CopyAsync(() => isUndone = _copies.Undo(spec), ct);
        return isUndone;
    }

    /// <summary>A folder has one generation.</summary>
    public Task TidyAsync(PhoneSpec spec, CancellationToken ct) => Task.CompletedTask;

    public Task DropAsync(Guid snapshotId, CancellationToken ct) => CopyAsync(() => _copies.Drop(snapshotId), ct);

    public Task<IReadOnlyList<Guid>> ListSnapshotsAsync(CancellationToken ct) => Task.FromResult(_copies.List());

    static Task CopyAsync(Action work, CancellationToken ct) =>
        OnDisk(() => Task.Run(work, ct), "The phone's data could not be copied.");

    public async Task<PhoneStats?> GetStatsAsync(Guid deviceId, CancellationToken ct) =>
        files.Run(deviceId) is { } run && await PhoneProcesses.StatsAsync(run, ct) is { } stats
            ? stats with { DiskUsedBytes = await Task.Run(() => files.DiskUsed(deviceId), ct) } : null;

    public Task<IReadOnlyList<FoundPhone>> ListAsync(CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<FoundPhone>>([.. files.List().Select(id => new FoundPhone(id, null))]);

    bool IsRunning(Guid id) => processes.IsOwnAlive(id) || files.IsLocked(id);

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
