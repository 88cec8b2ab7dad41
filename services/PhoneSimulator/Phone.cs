using CloudPhone.PhoneSimulator.Android;
using CloudPhone.PhoneSimulator.Disk;
using CloudPhone.PhoneSimulator.Lifetime;
using CloudPhone.PhoneSimulator.Screen;

namespace CloudPhone.PhoneSimulator;

/// <summary>The small Android of a simulated phone: power, boot and packages. The control port and ADB are both ways
/// to it.</summary>
sealed class Phone
{
    readonly PhoneFolder _folder;
    readonly PhoneLifetime _lifetime;
    readonly DateTimeOffset _startedAt;
    readonly TimeSpan _bootTime;
    readonly Lock _gate = new();
    PhoneState _state;
    long _bootBegan;

    Phone(PhoneFolder folder, PhoneOptions options, TimeProvider clock, PhoneLifetime lifetime)
    {
        (_folder, Clock, _bootTime, _lifetime) = (folder, clock, options.BootTime, lifetime);
        _startedAt = clock.GetUtcNow();
        _bootBegan = clock.GetTimestamp();
        _state = folder.ReadState() with { Power = PhoneState.On };
        Log = new(clock);
        Disk = new(folder.Path, options.DiskBytes);
        Faults = new(clock);
        foreach (var (name, milliseconds) in _state.Faults ?? new())
            Faults.Set(name, milliseconds);
        Settings = new(this);
        Processes = new(this);
        Screen = new(options.Screen.Width, options.Screen.Height, this);
        Properties = new(folder.Identity.DeviceId, options, _state.Properties ?? new(), () => IsBooted);
    }

    public static Phone Boot(PhoneFolder folder, PhoneOptions options, TimeProvider clock, PhoneLifetime lifetime)
    {
        var phone = new Phone(folder, options, clock, lifetime);
        folder.WriteState(phone._state);
        phone.Log.Write("boot", "begins");
        return phone;
    }

    public PhoneFolder Folder => _folder;

    public TimeProvider Clock { get; }

    public SystemLog Log { get; }

    public PhoneDisk Disk { get; }

    public AndroidProperties Properties { get; }

    public AndroidSettings Settings { get; }

    public PhoneScreen Screen { get; }

    public ProcessTable Processes { get; }

    public Clipboard Clipboard { get; } = new();

    public LocalSockets Sockets { get; } = new();

    public Faults Faults { get; }

    /// <summary>Since the phone, not only its process, was started last.</summary>
    public TimeSpan Uptime => Clock.GetElapsedTime(Volatile.Read(ref _bootBegan));

    public bool IsBooted => Uptime >= _bootTime && !Faults.Has(Faults.NoBoot);

    public IReadOnlyList<InstalledPackage> Packages => _state.Packages;

    /// <returns>Null where it is not installed.</returns>
    public InstalledPackage? Find(string package) => Packages.FirstOrDefault(p => p.PackageName == package);

    public PhoneStatus Status =>
        new(_folder.Identity.DeviceId, _state.Power, IsBooted, _startedAt, _state.Packages.Count);

    /// <summary>Android starts anew; whoever is connected is dropped.</summary>
    public event Action? Rebooted;

    public void PowerOff() => Change(s => s with { Power = PhoneState.Off });

    /// <summary>As its owner would: it is off, and stays so.</summary>
    public void Shutdown()
    {
        PowerOff();
        _lifetime.End();
    }

    public void Reboot()
    {
        Volatile.Write(ref _bootBegan, Clock.GetTimestamp());
        Properties.Restart();
        Screen.Restart();
        Log.Clear();
        Log.Write("boot", "begins");
        Rebooted?.Invoke();
    }

    /// <summary>Somebody needs the phone: it stays.</summary>
    public void Called() => _lifetime.Called();

    /// <param name="stays">It is there again after the phone's next start.</param>
    public void SetFault(string name, int milliseconds, bool stays)
    {
        Faults.Set(name, milliseconds);
        Change(s => s with { Faults = Without(s, name, stays ? milliseconds : null) });
    }

    /// <returns>False where it was not on.</returns>
    public bool ClearFault(string name)
    {
        Change(s => s with { Faults = Without(s, name, null) });
        return Faults.Clear(name);
    }

    static Dictionary<string, int> Without(PhoneState state, string name, int? instead)
    {
        var faults = new Dictionary<string, int>(state.Faults ?? new());
        faults.Remove(name);
        if (instead is { } milliseconds)
            faults[name] = milliseconds;
        return faults;
    }

    /// <returns>False where it can't be set.</returns>
    public bool SetProperty(string name, string value)
    {
        if (!Properties.Set(name, value))
            return false;
        Change(s => s with { Properties = Properties.Kept });
        return true;
    }

    /// <summary>A package of that name that was there is replaced, as an update would: it keeps what it was granted
    /// and still asks for.</summary>
    public void Install(InstalledPackage package)
    {
        const int FirstApp = 100;
        var name = package.PackageName;
        Change(s =>
        {
            var before = s.Packages.FirstOrDefault(p => p.PackageName == name);
            package = package with
            {
                InstalledAt = Clock.GetUtcNow(),
                Granted = [.. (before?.Granted ?? []).Intersect(package.Requested)],
                AppId = before?.AppId ?? s.Packages.Select(p => p.AppId).Append(FirstApp - 1).Max() + 1,
            };
            return s with { Packages = [.. s.Packages.Where(p => p.PackageName != name), package] };
        });
        Log.Write("PackageManager", $"installed {name} {package.Version}");
    }

    /// <returns>False where it is as it was.</returns>
    public bool Grant(string package, string permission, bool isGranted) => ChangePackage(package, p =>
        p.Has(permission) == isGranted ? p : p with
        {
            Granted = isGranted ? [.. p.Granted ?? [], permission] : [.. (p.Granted ?? []).Where(g => g != permission)],
        });

    /// <summary>As it was when it was installed.</summary>
    public void Reset(string package) => ChangePackage(package, p => p with { Granted = [] });

    bool ChangePackage(string name, Func<InstalledPackage, InstalledPackage> change)
    {
        var isChanged = false;
        Change(s =>
        {
            InstalledPackage[] after = [.. s.Packages.Select(p => p.PackageName == name ? change(p) : p)];
            isChanged = !after.SequenceEqual(s.Packages);
            return s with { Packages = after };
        });
        return isChanged;
    }

    /// <returns>False where there is no such package.</returns>
    public bool Uninstall(string name)
    {
        var wasThere = false;
        Change(s =>
        {
            wasThere = s.Packages.Any(p => p.PackageName == name);
            return s with { Packages = [.. s.Packages.Where(p => p.PackageName != name)] };
        });
        if (wasThere)
            Log.Write("PackageManager", $"removed {name}");
        return wasThere;
    }

    void Change(Func<PhoneState, PhoneState> change)
    {
        lock (_gate)
        {
            var changed = change(_state);
            _folder.WriteState(changed);
            _state = changed;
        }
        Screen.Changed(); // apps, or which way up it is
    }
}
