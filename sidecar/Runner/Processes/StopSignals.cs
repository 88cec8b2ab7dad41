using System.Runtime.InteropServices;

namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>The first Ctrl-C, SIGTERM or SIGHUP asks to stop; the next one ends at once.</summary>
sealed class StopSignals : IDisposable
{
    readonly PosixSignalRegistration[] _registrations;
    readonly CancellationTokenSource _stop = new();
    int _count;

    public StopSignals(Action endAtOnce)
    {
        PosixSignal[] signals = OperatingSystem.IsWindows()
            ? [PosixSignal.SIGINT, PosixSignal.SIGTERM] : [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _registrations = [.. signals.Select(s => PosixSignalRegistration.Create(s, context =>
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref _count) == 1)
                _stop.Cancel();
            else
                endAtOnce();
        }))];
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }
}
