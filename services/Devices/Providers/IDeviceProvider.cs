using CloudPhone.Adb;

namespace CloudPhone.Devices.Providers;

/// <summary>
/// Where phones come from: containers, and the way to their adbd. What is inside of a phone goes over ADB. Every call
/// may be repeated, also after a crash in the middle of it, and ends in the same state.
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

    /// <summary>Removes the container and leaves the data; <see cref="CreateAsync"/> makes it anew on them.</summary>
    Task DiscardAsync(Guid deviceId, CancellationToken ct);

    /// <summary>Removes container and data.</summary>
    Task RemoveAsync(Guid deviceId, CancellationToken ct);

    /// <summary>Removes the container that was found there, whatever its row says, and leaves the data.</summary>
    Task DiscardAsync(FoundPhone phone, CancellationToken ct);

    /// <summary>Removes container and data that were found there, whatever its row says.</summary>
    Task RemoveAsync(FoundPhone phone, CancellationToken ct);

    Task<PhoneState> GetStateAsync(Guid deviceId, CancellationToken ct);

    /// <summary>Whether phones' data can be copied here.</summary>
    bool HasSnapshots { get; }

    /// <summary>Copies the data of a phone that is off.</summary>
    /// <returns>How many bytes they are.</returns>
    Task<long> SaveAsync(PhoneSpec spec, Guid snapshotId, CancellationToken ct);

    /// <summary>Makes a copy the data of that generation of a phone that is off: wholly, or not at all.</summary>
    Task LoadAsync(PhoneSpec spec, Guid snapshotId, CancellationToken ct);

    /// <summary>Removes what <see cref="LoadAsync"/> has made for that generation, which is given up.</summary>
    /// <returns>False: it is in place, or on its way there, and only loading it once more ends that.</returns>
    Task<bool> UndoAsync(PhoneSpec spec, CancellationToken ct);

    /// <summary>Removes the data of earlier generations, as far as that can be done now.</summary>
    Task TidyAsync(PhoneSpec spec, CancellationToken ct);

    /// <summary>Removes a copy, whole or not. One that doesn't exist is removed.</summary>
    Task DropAsync(Guid snapshotId, CancellationToken ct);

    /// <summary>All copies that exist, whole or not.</summary>
    Task<IReadOnlyList<Guid>> ListSnapshotsAsync(CancellationToken ct);

    /// <returns>Null: it is off.</returns>
    Task<PhoneStats?> GetStatsAsync(Guid deviceId, CancellationToken ct);

    /// <summary>All phones that exist, whoever remembers them.</summary>
    Task<IReadOnlyList<FoundPhone>> ListAsync(CancellationToken ct);
}

/// <param name="NodeName">Where it is; null: where all are.</param>
readonly record struct FoundPhone(Guid DeviceId, string? NodeName);

/// <param name="MemoryGB">GiB.</param>
/// <param name="Look">Null: the usual one.</param>
/// <param name="Generation">Of its data; each that is copied into a phone is another one.</param>
sealed record PhoneSpec(Guid DeviceId, int CpuCores, int MemoryGB, PhoneLook? Look = null, int Generation = 0);

/// <summary>What a phone shows of itself.</summary>
/// <param name="Width">Pixels of its screen; an even number, as video needs it.</param>
/// <param name="Height">Pixels, an even number.</param>
/// <param name="Dpi">Pixels to the inch.</param>
/// <param name="AndroidVersion">Null: the one of the usual image.</param>
sealed record PhoneLook(int Width, int Height, int Dpi, int? AndroidVersion = null)
{
    public static readonly PhoneLook Usual = new(720, 1280, 320);
}

/// <param name="Running">Its container runs; whether Android is up in it, only the phone knows.</param>
/// <param name="Adb">Where its adbd is; null unless it runs far enough for that.</param>
/// <param name="End">How it came to be off; null where that is not known, or it runs.</param>
sealed record PhoneState(bool Exists, bool Running, AdbAddress? Adb, PhoneEnd? End = null)
{
    public static readonly PhoneState Missing = new(false, false, null);

    public static PhoneState Off(PhoneEnd? end) => new(true, false, null, end);
}

/// <param name="At">When, or the last time that it was seen to run; by the clock of its host.</param>
/// <param name="IsOrderly">It was shut down, as with its host; it has not crashed.</param>
sealed record PhoneEnd(DateTimeOffset At, bool IsOrderly);

/// <summary>A provider could not do what it was asked for; the message can be shown to users.</summary>
sealed class ProviderException(string message, Exception? inner = null) : Exception(message, inner);
