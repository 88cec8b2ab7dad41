namespace CloudPhone.PhoneSimulator;

/// <summary>The small Android of a simulated phone: power, boot and packages. Later ways to it, like ADB, are beside
/// the control port.</summary>
sealed class Phone
{
    readonly PhoneFolder _folder;
    readonly TimeProvider _clock;
    readonly DateTimeOffset _startedAt;
    readonly TimeSpan _bootTime;
    readonly Lock _gate = new();
    PhoneState _state;

    Phone(PhoneFolder folder, PhoneOptions options, TimeProvider clock)
    {
        (_folder, _clock, _bootTime) = (folder, clock, options.BootTime);
        _startedAt = clock.GetUtcNow();
        _state = folder.ReadState() with { Power = PhoneState.On };
    }

    public static Phone Boot(PhoneFolder folder, PhoneOptions options, TimeProvider clock)
    {
        var phone = new Phone(folder, options, clock);
        folder.WriteState(phone._state);
        return phone;
    }

    public PhoneFolder Folder => _folder;

    public bool IsBooted => _clock.GetUtcNow() - _startedAt >= _bootTime;

    public IReadOnlyList<InstalledPackage> Packages => _state.Packages;

    public PhoneStatus Status =>
        new(_folder.Identity.DeviceId, _state.Power, IsBooted, _startedAt, _state.Packages.Count);

    public void PowerOff() => Change(s => s with { Power = PhoneState.Off });

    /// <summary>A package of that name that was there is replaced, as an update would.</summary>
    public InstalledPackage Install(string name, string version, long versionCode, string sha256, long size)
    {
        var package = new InstalledPackage(name, version, versionCode, sha256, size, _clock.GetUtcNow());
        Change(s => s with { Packages = [.. s.Packages.Where(p => p.PackageName != name), package] });
        return package;
    }

    /// <returns>False where there is no such package.</returns>
    public bool Uninstall(string name)
    {
        var before = _state.Packages.Count;
        Change(s => s with { Packages = [.. s.Packages.Where(p => p.PackageName != name)] });
        return _state.Packages.Count < before;
    }

    void Change(Func<PhoneState, PhoneState> change)
    {
        lock (_gate)
        {
            var changed = change(_state);
            _folder.WriteState(changed);
            _state = changed;
        }
    }
}
