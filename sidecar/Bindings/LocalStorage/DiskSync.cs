using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CloudPhone.Sidecar.Bindings.LocalStorage;

/// <summary>
/// Waits for the disk on a thread of its own, one after the other: many at once would take the threads of all sidecars
/// in this process, and make no disk faster.
/// </summary>
static class DiskSync
{
    static readonly SemaphoreSlim Turn = new(1);

    public static async Task RunAsync(Action sync, CancellationToken ct)
    {
        await Turn.WaitAsync(ct);
        try
        {
            await Task.Factory.StartNew(
                sync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>A new file's name is its folder's, and a new folder's that of the one above.</summary>
    /// <exception cref="IOException">It can't be relied on.</exception>
    public static void Folder(string path)
    {
        if (OperatingSystem.IsWindows())
            return; // its file systems keep names with the files
        using var folder = Open(path, 0);
        if (folder.IsInvalid || Sync(folder) != 0)
            throw new IOException($"{path} can't be brought to the disk: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern SafeFileHandle Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Sync(SafeFileHandle file);
}
