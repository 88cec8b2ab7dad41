using System.Runtime.InteropServices;

namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>Signals, which .NET can receive but not send.</summary>
static class Posix
{
    public const int Sigterm = 15, Sigkill = 9;

    /// <summary>Sends to a process, or with a negative id to its group. False: nobody there.</summary>
    public static bool Signal(int id, int signal) => kill(id, signal) == 0;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int kill(int id, int signal);
}
