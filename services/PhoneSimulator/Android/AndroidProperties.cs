using System.Collections.Concurrent;

namespace CloudPhone.PhoneSimulator.Android;

/// <summary>What getprop and setprop know. Those that begin with "persist." outlive a restart, "ro." never change.
/// </summary>
sealed class AndroidProperties
{
    static readonly string[] Booting = ["sys.boot_completed", "dev.bootcomplete", "init.svc.bootanim"];
    const int MaxName = 128, MaxValue = 91, MaxCount = 512;
    readonly ConcurrentDictionary<string, string> _set;
    readonly Dictionary<string, string> _fixed;
    readonly Func<bool> _isBooted;

    public AndroidProperties(
        Guid deviceId, PhoneOptions options, IReadOnlyDictionary<string, string> kept, Func<bool> isBooted)
    {
        (_set, _isBooted) = (new(kept), isBooted);
        _fixed = new()
        {
            ["ro.product.name"] = "cloudphone_sim", ["ro.product.device"] = "cloudphone_sim",
            ["ro.product.model"] = "CloudPhone Simulator", ["ro.product.brand"] = "CloudPhone",
            ["ro.product.manufacturer"] = "CloudPhone", ["ro.product.cpu.abi"] = "x86_64",
            ["ro.product.cpu.abilist"] = "x86_64", ["ro.build.version.release"] = $"{options.Android}",
            ["ro.build.version.sdk"] = $"{SdkOf(options.Android)}", ["ro.build.version.incremental"] = "1",
            ["ro.build.type"] = "userdebug", ["ro.build.id"] = "SIM1",
            ["ro.build.fingerprint"] =
                $"CloudPhone/cloudphone_sim/cloudphone_sim:{options.Android}/SIM1/1:userdebug/test-keys",
            ["ro.serialno"] = deviceId.ToString("N"), ["ro.hardware"] = "simulator", ["ro.adb.secure"] = "0",
            ["ro.debuggable"] = "1", ["ro.sf.lcd_density"] = $"{options.Dpi}", ["init.svc.adbd"] = "running",
            ["ro.boot.redroid_width"] = $"{options.Screen.Width}",
            ["ro.boot.redroid_height"] = $"{options.Screen.Height}",
        };
    }

    /// <summary>Empty where there is none.</summary>
    public string this[string name] => name switch
    {
        "sys.boot_completed" or "dev.bootcomplete" => _isBooted() ? "1" : "",
        "init.svc.bootanim" => _isBooted() ? "stopped" : "running",
        _ => _fixed.GetValueOrDefault(name) ?? _set.GetValueOrDefault(name) ?? "",
    };

    public IEnumerable<KeyValuePair<string, string>> All =>
        _fixed.Concat(_set).Concat(
                from name in Booting
                where this[name].Length > 0
                select KeyValuePair.Create(name, this[name]))
            .OrderBy(p => p.Key, StringComparer.Ordinal);

    public Dictionary<string, string> Kept =>
        _set.Where(p => IsKept(p.Key)).ToDictionary(p => p.Key, p => p.Value);

    /// <returns>False where it can't be set.</returns>
    public bool Set(string name, string value)
    {
        if (name.Length is 0 or > MaxName || value.Length > MaxValue || value.Any(char.IsControl)
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '@')
            || name.StartsWith("ro.", StringComparison.Ordinal) || _fixed.ContainsKey(name)
            || Booting.Contains(name)
            || (_set.Count >= MaxCount && !_set.ContainsKey(name)))
            return false;
        _set[name] = value;
        return true;
    }

    public void Restart()
    {
        foreach (var name in _set.Keys.Where(n => !IsKept(n)))
            _set.TryRemove(name, out _);
    }

    /// <summary>Android 12 had two.</summary>
    static int SdkOf(int android) => android >= 13 ? android + 20 : android + 19;

    static bool IsKept(string name) => name.StartsWith("persist.", StringComparison.Ordinal);
}
