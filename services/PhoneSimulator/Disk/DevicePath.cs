using System.Buffers;
using System.Text;

namespace CloudPhone.PhoneSimulator.Disk;

/// <summary>
/// Paths as the phone's users write them. They are resolved as text, so that <c>..</c> ends at the phone's own root,
/// and only what is left of them reaches the host.
/// </summary>
static class DevicePath
{
    const int MaxBytes = 1024;
    const int MaxNameBytes = 255;
    static readonly SearchValues<char> Forbidden = SearchValues.Create(Path.GetInvalidFileNameChars());

    static readonly (string Alias, string Path)[] Aliases =
    [
        ("/storage/emulated/0", "/sdcard"), ("/storage/self/primary", "/sdcard"), ("/mnt/sdcard", "/sdcard"),
        ("/data/media/0", "/sdcard"),
    ];

    /// <summary>Where users may write, as the shell's own user may on a real phone.</summary>
    static readonly string[] Writable = ["/sdcard", "/data/local/tmp"];

    /// <returns>An absolute path without <c>.</c>, <c>..</c> and doubled slashes.</returns>
    /// <exception cref="DiskException">No file can be called so.</exception>
    public static string Resolve(string path, string current = "/")
    {
        if (path.Length == 0)
            throw DiskException.NotFound;
        if (Encoding.UTF8.GetByteCount(path) > MaxBytes)
            throw DiskException.NameTooLong;
        var names = new List<string>();
        if (path[0] != '/')
            names.AddRange(Split(current));
        foreach (var name in Split(path))
        {
            if (name is "." or "..")
            {
                if (name == ".." && names.Count > 0)
                    names.RemoveAt(names.Count - 1);
                continue;
            }
            if (name.AsSpan().ContainsAny(Forbidden))
                throw DiskException.Invalid;
            if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
                throw DiskException.NameTooLong;
            names.Add(name);
        }
        return WithoutAlias("/" + string.Join('/', names));
    }

    public static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static string Parent(string path) =>
        path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    public static bool IsWritable(string path) => Array.Exists(Writable, w => IsWithin(path, w));

    /// <summary>What stays, as the phone itself needs it.</summary>
    public static bool IsFixed(string path) => !IsWritable(path) || Array.IndexOf(Writable, path) >= 0;

    static string WithoutAlias(string path)
    {
        foreach (var (alias, real) in Aliases)
        {
            if (IsWithin(path, alias))
                return real + path[alias.Length..];
        }
        return path;
    }

    static bool IsWithin(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal)
        && (path.Length == folder.Length || path[folder.Length] == '/');
}
