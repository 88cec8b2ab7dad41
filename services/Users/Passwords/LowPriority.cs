using System.Runtime.InteropServices;

namespace CloudPhone.Users.Passwords;

/// <summary>
/// A thread that lets all others go first: while passwords are hashed, whoever only reads must not wait for a core. On
/// Linux the runtime's own priorities of threads have no effect.
/// </summary>
static partial class LowPriority
{
    const int OfThread = 0, CallingThread = 0, Nice = 15;

    /// <summary>For the rest of the calling thread's life, so it must be a thread of its own.</summary>
    public static void Take()
    {
        Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        if (OperatingSystem.IsLinux())
            _ = setpriority(OfThread, CallingThread, Nice); // where it is refused, it is only slower for others
    }

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);
}
