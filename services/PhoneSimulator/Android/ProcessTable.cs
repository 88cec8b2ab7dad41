using System.Collections.Concurrent;
using System.Diagnostics;

namespace CloudPhone.PhoneSimulator.Android;

/// <param name="Pid">Android's, not the host's.</param>
/// <param name="User">The name of its user, as ps shows it.</param>
/// <param name="Cpu">Time that it took of the processors.</param>
sealed record AndroidProcess(
    int Pid, int ParentPid, string User, string Name, TimeSpan Cpu = default, char State = 'S');

/// <summary>
/// What runs on the phone: its own services, as far as it has booted, the app that is open, and the shells. All of them
/// are one process of the host: each has all of that one's memory, shared with the others, and its time on the
/// processors is that of the service that does the work.
/// </summary>
sealed class ProcessTable(Phone phone)
{
    const int Init = 1, Adbd = 60, System = 1000, Launcher = 1001;
    public const string SystemName = "system_server", LauncherName = "com.android.launcher";
    readonly ConcurrentDictionary<int, AndroidProcess> _shells = new();
    int _lastPid = Launcher;

    public int NewPid() => Interlocked.Increment(ref _lastPid);

    /// <returns>Its pid; it runs until <see cref="Ended"/>.</returns>
    public int StartShell()
    {
        var pid = NewPid();
        _shells[pid] = new(pid, Adbd, "shell", "sh");
        return pid;
    }

    public void Ended(int pid) => _shells.TryRemove(pid, out _);

    /// <param name="asking">What looks, which is a process, too, under its shell's.</param>
    public IReadOnlyList<AndroidProcess> List(string asking, int shell)
    {
        var all = List();
        all.Add(new(NewPid(), shell, "shell", asking, State: 'R'));
        return all;
    }

    /// <summary>By their pids.</summary>
    public List<AndroidProcess> List()
    {
        using var host = Process.GetCurrentProcess();
        var (isBooted, cpu) = (phone.IsBooted, host.TotalProcessorTime);
        List<AndroidProcess> all =
            [new(Init, 0, "root", "init", isBooted ? default : cpu), new(Adbd, Init, "shell", "adbd")];
        if (isBooted)
            all.AddRange([new(System, Init, "system", SystemName, cpu), new(Launcher, Init, "u0_a0", LauncherName)]);
        if (phone.Screen.Running is var (name, pid))
            all.Add(new(pid, Init, $"u0_a{phone.Find(name)?.AppId}", name));
        all.AddRange(_shells.Values);
        all.Sort((a, b) => a.Pid.CompareTo(b.Pid));
        return all;
    }
}
