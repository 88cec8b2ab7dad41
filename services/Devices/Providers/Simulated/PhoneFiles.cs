using System.Security.Cryptography;
using System.Text.Json;

namespace CloudPhone.Devices.Providers.Simulated;

/// <summary>The folders of simulated phones: <c>phones/&lt;deviceId&gt;/</c>, whose files PhoneSimulator's README
/// describes.</summary>
sealed class PhoneFiles(string root)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public string Root => root;

    public string Folder(Guid id) => Path.Combine(root, id.ToString());

    public bool Exists(Guid id) => File.Exists(Path.Combine(Folder(id), "phone.json"));

    public IReadOnlyList<Guid> List() =>
        !Directory.Exists(root) ? [] : [.. Directory.EnumerateDirectories(root)
            .Select(d => Guid.TryParse(Path.GetFileName(d), out var id) ? id : Guid.Empty)
            .Where(id => id != Guid.Empty)];

    /// <summary>Makes the folder. The identity comes last and at once: a folder without it is no phone yet.</summary>
    public async Task CreateAsync(PhoneSpec spec, CancellationToken ct)
    {
        if (Exists(spec.DeviceId))
            return;
        var folder = Folder(spec.DeviceId);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var identity = new { spec.DeviceId, Token = token, spec.CpuCores, spec.MemoryGB, spec.Look };
        var file = Path.Combine(folder, "phone.json");
        await File.WriteAllBytesAsync(file + ".new", JsonSerializer.SerializeToUtf8Bytes(identity, Json), ct);
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <returns>Null where there is no such phone.</returns>
    public string? Token(Guid id) => Read<Identity>(id, "phone.json")?.Token;

    public PhoneLook Look(Guid id) => Read<Identity>(id, "phone.json")?.Look ?? PhoneLook.Usual;

    /// <returns>Null where the phone is off, or is not up far enough to be reached.</returns>
    public PhoneRun? Run(Guid id) => Read<PhoneRun>(id, "run.json");

    /// <summary>True while a process is this phone: its lock goes with it, however it ends.</summary>
    public bool IsLocked(Guid id)
    {
        try
        {
            using var look = new FileStream(
                Path.Combine(Folder(id), "lock"), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>How a phone whose lock is free came to be off.</summary>
    /// <returns>Null where it never ran.</returns>
    public PhoneEnd? End(Guid id)
    {
        var @lock = new FileInfo(Path.Combine(Folder(id), "lock"));
        return @lock.Exists
            ? new(@lock.LastWriteTimeUtc, IsOrderly: !File.Exists(Path.Combine(Folder(id), "run.json")))
            : null;
    }

    /// <summary>In bytes, of what its users have put there.</summary>
    public long DiskUsed(Guid id)
    {
        var disk = new DirectoryInfo(Path.Combine(Folder(id), "disk"));
        try
        {
            return disk.Exists ? disk.EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length) : 0;
        }
        catch (IOException)
        {
            return 0; // a file that went away meanwhile
        }
    }

    public void Delete(Guid id)
    {
        // without its identity it can't be started any more, even if deleting stops half-way
        File.Delete(Path.Combine(Folder(id), "phone.json"));
        Directory.Delete(Folder(id), recursive: true);
    }

    T? Read<T>(Guid id, string name) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(Path.Combine(Folder(id), name)), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    sealed record Identity(Guid DeviceId, string Token, PhoneLook? Look);
}

/// <param name="StartedAt">With the pid it names the process beyond doubt: pids are used again.</param>
/// <param name="Port">Its control port on the loopback address.</param>
/// <param name="AdbPort">Its adbd's.</param>
sealed record PhoneRun(int Pid, DateTimeOffset StartedAt, int Port, int AdbPort);
