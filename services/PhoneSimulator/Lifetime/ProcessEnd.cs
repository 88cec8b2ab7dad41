using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CloudPhone.PhoneSimulator.Lifetime;

/// <summary>
/// Waits for the end of a process that is no child of this one. Linux tells it without being asked again and again,
/// which with many phones is the
/// difference between no idle load and a tenth of a core.
/// </summary>
static partial class ProcessEnd
{
    const int PidfdOpen = 434;
    const short PollIn = 1;
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    public static Task WaitAsync(int pid)
    {
        if (OperatingSystem.IsLinux() && Open(pid) is var fd and >= 0)
            return Task.Factory.StartNew(() => Block(fd), TaskCreationOptions.LongRunning);
        return PollAsync(pid);
    }

    static int Open(int pid) => (int)syscall(PidfdOpen, pid, 0);

    static void Block(int fd)
    {
        var wanted = new PollFd { Fd = fd, Events = PollIn };
        while (poll(ref wanted, 1, -1) < 0)
        {
            // a signal came between
        }
    }

    static async Task PollAsync(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            using var timer = new PeriodicTimer(Poll);
            while (!process.HasExited)
                await timer.WaitForNextTickAsync();
        }
        catch (ArgumentException)
        {
            // it has ended before
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long a, long b);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ref PollFd fds, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }
}
