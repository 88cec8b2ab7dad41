using System.Collections.Concurrent;

namespace CloudPhone.PhoneSimulator;

/// <summary>What is wrong with the phone on demand, for those who test how it is noticed and healed.</summary>
sealed class Faults(TimeProvider clock)
{
    /// <summary>adbd accepts and says nothing more.</summary>
    public const string Hang = "hang";

    /// <summary>adbd's port is closed.</summary>
    public const string AdbDead = "adb-dead";

    /// <summary>Android never comes up, now and after each restart.</summary>
    public const string NoBoot = "no-boot";

    /// <summary>Every packet of ADB takes so many milliseconds longer, each way.</summary>
    public const string Slow = "slow";

    /// <summary>The process ends as if it had been killed.</summary>
    public const string Crash = "crash";

    public const int MaxMilliseconds = 600_000;
    readonly ConcurrentDictionary<string, int> _on = new();
    volatile TaskCompletionSource _hang = Ended();

    public event Action? Changed;

    /// <summary>By name, with milliseconds where it has any.</summary>
    public IReadOnlyDictionary<string, int> On => _on;

    public static bool IsKnown(string name) => name is Hang or AdbDead or NoBoot or Slow or Crash;

    public bool Has(string name) => _on.ContainsKey(name);

    public void Set(string name, int milliseconds)
    {
        if (name == Hang && !Has(Hang))
            _hang = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _on[name] = milliseconds;
        Changed?.Invoke();
    }

    /// <returns>False where it was not on.</returns>
    public bool Clear(string name)
    {
        if (!_on.TryRemove(name, out _))
            return false;
        if (name == Hang)
            _hang.TrySetResult();
        Changed?.Invoke();
        return true;
    }

    /// <summary>Holds up what goes over ADB for as long as it must.</summary>
    public async ValueTask PassAsync(CancellationToken ct)
    {
        if (_on.TryGetValue(Slow, out var milliseconds))
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), clock, ct);
        await _hang.Task.WaitAsync(ct);
    }

    static TaskCompletionSource Ended()
    {
        var ended = new TaskCompletionSource();
        ended.SetResult();
        return ended;
    }
}
