using CloudPhone.Adb;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Scrcpy;

namespace CloudPhone.Media.Screens;

/// <summary>The screens that somebody watches here: one encoder per phone, however many watch.</summary>
sealed class PhoneScreens(
    AdbPhones phones, ScrcpyServerFile server, MediaOptions options, UdpHub hub, TimeProvider clock,
    ILogger<PhoneScreen> log) : IAsyncDisposable
{
    /// <summary>Who comes back soon, as by a page that is loaded again, finds the picture still there.</summary>
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);
    readonly Dictionary<Guid, PhoneScreen> _screens = [];
    readonly Lock _lock = new();

    /// <summary>A phone's picture is over, and why.</summary>
    public event Action<PhoneScreen, string>? Ended;

    public int Count
    {
        get
        {
            lock (_lock)
                return _screens.Count;
        }
    }

    /// <summary>One more watches it, until <see cref="PhoneScreen.Leave"/>.</summary>
    public PhoneScreen Enter(Guid deviceId)
    {
        lock (_lock)
        {
            if (!_screens.TryGetValue(deviceId, out var screen))
            {
                screen = new(deviceId, phones, server, options.Scrcpy, hub, clock, log);
                _screens.Add(deviceId, screen);
                _ = RunAsync(screen);
            }
            screen.Viewers++;
            screen.Left ??= () => OnLeft(screen);
            return screen;
        }
    }

    async Task RunAsync(PhoneScreen screen)
    {
        await Task.Yield();
        var reason = await screen.RunAsync();
        Forget(screen);
        if (reason is not null)
            Ended?.Invoke(screen, reason);
    }

    void OnLeft(PhoneScreen screen)
    {
        lock (_lock)
            if (--screen.Viewers > 0)
                return;
        _ = EndIdleAsync(screen);
    }

    async Task EndIdleAsync(PhoneScreen screen)
    {
        await Task.Delay(Idle, clock);
        lock (_lock)
        {
            if (screen.Viewers > 0)
                return;
            Forget(screen);
        }
        screen.Dispose();
    }

    void Forget(PhoneScreen screen)
    {
        lock (_lock)
            if (_screens.GetValueOrDefault(screen.DeviceId) == screen)
                _screens.Remove(screen.DeviceId);
    }

    public async ValueTask DisposeAsync()
    {
        List<PhoneScreen> all;
        lock (_lock)
            all = [.. _screens.Values];
        foreach (var screen in all)
            screen.Dispose();
        await Task.WhenAll(all.Select(s => s.Over));
    }
}
