using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CloudPhone.PhoneSimulator.Lifetime;

/// <summary>
/// How long the phone lives: until it is powered off or told to end, or until the platform is gone. That is when the
/// runner's process has
/// ended or, without one, when nobody has called for two minutes.
/// </summary>
sealed class PhoneLifetime : IDisposable
{
    static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);
    static readonly TimeSpan IdlePoll = TimeSpan.FromSeconds(10);
    static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(120);
    readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly PosixSignalRegistration[] _signals;
    long _lastCall = Stopwatch.GetTimestamp();

    public PhoneLifetime() => _signals =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; End(); }),
        // Ctrl-C in a terminal reaches every process of the group; phones outlive the service that started them
        PosixSignalRegistration.Create(PosixSignal.SIGINT, c => c.Cancel = true),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, c => c.Cancel = true),
    ];

    public void Called() => Volatile.Write(ref _lastCall, Stopwatch.GetTimestamp());

    public void End() => _end.TrySetResult();

    /// <param name="showLife">Called every 5 s until then.</param>
    public async Task WaitAsync(PhoneOptions options, Action showLife)
    {
        await using var sign = new Timer(_ => showLife(), null, SignOfLife, SignOfLife);
        if (options.Container is not null)
            await _end.Task; // whoever runs containers stops it
        else
            await Task.WhenAny(
                _end.Task, options.RunnerPid is { } pid ? ProcessEnd.WaitAsync(pid) : SilenceAsync());
    }

    async Task SilenceAsync()
    {
        using var timer = new PeriodicTimer(IdlePoll);
        while (Stopwatch.GetElapsedTime(Volatile.Read(ref _lastCall)) < IdleLimit)
            await timer.WaitForNextTickAsync();
    }

    public void Dispose()
    {
        foreach (var s in _signals)
            s.Dispose();
    }
}
