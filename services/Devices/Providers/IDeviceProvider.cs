namespace CloudPhone.Devices.Providers;

/// <summary>
/// Where phones come from. Every call may be repeated, also after a crash in the middle of it, and ends in the same
/// state.
/// </summary>
/// <remarks>All throw <see cref="ProviderException"/> where it could not be done.</remarks>
interface IDeviceProvider
{
    /// <summary>Makes the phone's container and data. It is off.</summary>
    Task CreateAsync(PhoneSpec spec, CancellationToken ct);

    /// <summary>Switches it on; returns once its container runs, which is long before it has booted.</summary>
    Task StartAsync(Guid deviceId, CancellationToken ct);

    /// <summary>Switches it off, by force if it must be; its data stay. One that doesn't exist is off.</summary>
    Task StopAsync(Guid deviceId, CancellationToken ct);

    /// <summary>Removes container and data.</summary>
    Task RemoveAsync(Guid deviceId, CancellationToken ct);

    Task<PhoneState> GetStateAsync(Guid deviceId, CancellationToken ct);

    /// <summary>All phones that exist, whoever remembers them.</summary>
    Task<IReadOnlyList<Guid>> ListAsync(CancellationToken ct);

    /// <summary>Installs an APK on a phone that has booted, or updates it.</summary>
    Task InstallAsync(Guid deviceId, PackageSpec package, Stream apk, CancellationToken ct);

    Task<IReadOnlyList<PackageSpec>> ListPackagesAsync(Guid deviceId, CancellationToken ct);
}

/// <param name="MemoryGB">GiB.</param>
sealed record PhoneSpec(Guid DeviceId, int CpuCores, int MemoryGB);

/// <param name="Running">Its container runs.</param>
/// <param name="Booted">Android is up.</param>
/// <param name="Endpoint">Where its provider reaches it; null unless it runs.</param>
/// <param name="End">How it came to be off; null where that is not known, or it runs.</param>
sealed record PhoneState(bool Exists, bool Running, bool Booted, Uri? Endpoint, PhoneEnd? End = null)
{
    public static readonly PhoneState Missing = new(false, false, false, null);

    public static PhoneState Off(PhoneEnd? end) => new(true, false, false, null, end);
}

/// <param name="At">When, or the last time that it was seen to run; by the clock of its host.</param>
/// <param name="IsOrderly">It was shut down, as with its host; it has not crashed.</param>
sealed record PhoneEnd(DateTimeOffset At, bool IsOrderly);

/// <param name="Sha256">Of the APK, in hex.</param>
/// <param name="Size">Of the APK, in bytes.</param>
sealed record PackageSpec(string PackageName, string Version, long VersionCode, string Sha256, long Size);

/// <summary>A provider could not do what it was asked for; the message can be shown to users.</summary>
/// <param name="permanent">Trying again will not help.</param>
sealed class ProviderException(string message, Exception? inner = null, bool permanent = false)
    : Exception(message, inner)
{
    public bool IsPermanent => permanent;
}
