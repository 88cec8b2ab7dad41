using CloudPhone.Adb.Shell;
using CloudPhone.Devices;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Providers.Simulated;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPhone.Adb.Tests;

/// <summary>A simulated phone that is on, with the client to it.</summary>
sealed class RealPhone : IAsyncDisposable
{
    readonly PhoneControl _control = new();
    readonly SimulatedProvider _provider;
    readonly PhoneFiles _files;

    RealPhone(int bootSeconds, TimeProvider clock)
    {
        var options = new DeviceOptions(false, Folder, bootSeconds, TimeSpan.FromMinutes(1), 8, 8)
        {
            RunnerPid = $"{Environment.ProcessId}",
        };
        _files = new(Folder);
        _provider = new(_files, new PhoneProcesses(options), _control);
        Phones = new(PhoneFinder.Of(_provider), clock, NullLogger<AdbPhones>.Instance);
        Adb = Phones.Of(Id);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("cloudphone-adb-").FullName;
    public Guid Id { get; } = Guid.CreateVersion7();
    public AdbPhones Phones { get; }
    public AdbPhone Adb { get; }

    public static async Task<RealPhone> StartAsync(int bootSeconds = 0, TimeProvider? clock = null)
    {
        var phone = new RealPhone(bootSeconds, clock ?? TimeProvider.System);
        await phone._provider.CreateAsync(new(phone.Id, 1, 1), default);
        await phone.SwitchOnAsync();
        return phone;
    }

    public async Task SwitchOnAsync()
    {
        await _provider.StartAsync(Id, default);
        await Wait.UntilAsync("its adbd", async () =>
            (await _provider.GetStateAsync(Id, default)).Adb is not null, 60);
    }

    public Task<bool> IsBootedAsync() => Adb.IsBootedAsync(default);

    /// <summary>Its process ends as if it had been killed.</summary>
    public void Kill() => PhoneProcess.Kill(Folder, Id);

    /// <summary>Something is wrong with it, or, by DELETE, no more.</summary>
    public Task FaultAsync(string fault, bool isOn = true) => PhoneProcess.FaultAsync(Folder, Id, fault, isOn);

    public async ValueTask DisposeAsync()
    {
        Phones.Dispose();
        await _provider.RemoveAsync(Id, default);
        _control.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
