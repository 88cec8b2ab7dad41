using System.Diagnostics;
using System.Text.Json;

namespace CloudPhone.PhoneSimulator;

/// <summary>
/// The phone's disk. Its <c>lock</c> is held as long as the process lives, whatever becomes of it: nobody else can be
/// this phone, and who
/// finds the lock free knows that the phone is off. Its time is the phone's last sign of life. <c>run.json</c> says
/// where the running phone is reached; where it is left behind, the phone has crashed.
/// </summary>
sealed class PhoneFolder : IDisposable
{
    const int LockTries = 40;
    const long MaxLog = 256 << 10;
    static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(25);
    readonly FileStream _lock;
    readonly Lock _logging = new();

    PhoneFolder(string path, FileStream @lock, PhoneIdentity identity) =>
        (Path, _lock, Identity) = (path, @lock, identity);

    public string Path { get; }
    public PhoneIdentity Identity { get; }

    /// <exception cref="PhoneException">There is no phone in it, or another process is this phone already.</exception>
    /// <param name="own">Whose phone it becomes where it is nobody's yet; null: whoever creates phones has written
    /// it.</param>
    public static async Task<PhoneFolder> OpenAsync(string path, PhoneIdentity? own = null)
    {
        var file = System.IO.Path.Combine(path, "phone.json");
        if (own is not null)
            Write(file, JsonSerializer.SerializeToUtf8Bytes(own, PhoneJson.Default.PhoneIdentity));
        var identity = Read(file, PhoneJson.Default.PhoneIdentity);
        if (identity is not { DeviceId: var id, Token.Length: > 0 } || id == Guid.Empty)
            throw new PhoneException($"There is no phone.json with deviceId and token in {path}.");
        var folder = new PhoneFolder(path, await TakeLockAsync(System.IO.Path.Combine(path, "lock")), identity);
        folder.RemoveRun();
        folder.ShowLife();
        return folder;
    }

    // who only looks whether the phone is on holds the lock for a moment, too
    static async Task<FileStream> TakeLockAsync(string file)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (i < LockTries)
            {
                await Task.Delay(BetweenTries);
            }
            catch (IOException)
            {
                throw new PhoneException($"The phone in {System.IO.Path.GetDirectoryName(file)} runs already.");
            }
        }
    }

    public PhoneState ReadState() =>
        Read(System.IO.Path.Combine(Path, "state.json"), PhoneJson.Default.PhoneState) ?? new(PhoneState.Off, []);

    public void WriteState(PhoneState state) =>
        WriteOwn("state.json", JsonSerializer.SerializeToUtf8Bytes(state, PhoneJson.Default.PhoneState));

    public void WriteRun(int port, int adbPort)
    {
        using var self = Process.GetCurrentProcess();
        var run = new PhoneRun(Environment.ProcessId, self.StartTime.ToUniversalTime(), port, adbPort);
        WriteOwn("run.json", JsonSerializer.SerializeToUtf8Bytes(run, PhoneJson.Default.PhoneRun));
    }

    /// <summary>Who finds the phone off sees by this until when it ran.</summary>
    public void ShowLife() => File.SetLastWriteTimeUtc(_lock.SafeFileHandle, DateTime.UtcNow);

    public void RemoveRun() => File.Delete(System.IO.Path.Combine(Path, "run.json"));

    /// <summary>The newest lines are kept: whoever uses the phone may make it say much.</summary>
    public void Log(string line)
    {
        var file = new FileInfo(System.IO.Path.Combine(Path, "phone.log"));
        lock (_logging)
        {
            if (file.Exists && file.Length > MaxLog)
                file.MoveTo(file.FullName + ".1", overwrite: true);
            File.AppendAllText(System.IO.Path.Combine(Path, "phone.log"), $"{DateTime.UtcNow:O} {line}\n");
        }
    }

    void WriteOwn(string name, byte[] content) => Write(System.IO.Path.Combine(Path, name), content);

    static void Write(string file, byte[] content)
    {
        File.WriteAllBytes(file + ".new", content);
        File.Move(file + ".new", file, overwrite: true);
    }

    static T? Read<T>(string file, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), type);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    public void Dispose() => _lock.Dispose();
}
