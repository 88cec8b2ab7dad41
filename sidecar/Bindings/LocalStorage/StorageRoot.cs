namespace CloudPhone.Sidecar.Bindings.LocalStorage;

/// <summary>A folder that no file name leads out of: neither by <c>..</c>, nor as an absolute path, nor through a
/// link.</summary>
sealed class StorageRoot(string path)
{
    static readonly string[] Forbidden = ["/proc", "/sys", "/boot", "/var/run/secrets"];

    readonly string _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    public string Folder => _path;

    public static string? WhyForbidden(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Array.Find(Forbidden, f => IsWithin(f, full)) is { } f ? $"must not be in {f}" : null;
    }

    public void Create() => Directory.CreateDirectory(_path);

    /// <summary>The place of that name under the root; steps above the root stay at the root.</summary>
    /// <exception cref="IOException">A link on the way leads out of the root.</exception>
    public string Resolve(string name)
    {
        var steps = new Stack<string>();
        foreach (var step in name.Split('/', '\\'))
            if (step == "..")
                steps.TryPop(out _);
            else if (step.Length > 0 && step != ".")
                steps.Push(step);
        var at = _path;
        foreach (var step in steps.Reverse())
        {
            at = Path.Combine(at, step);
            if (new FileInfo(at) is { LinkTarget: not null } link
                && !IsWithin(_path, link.ResolveLinkTarget(true)!.FullName))
                throw new IOException($"'{name}' leads out of the storage through a link");
        }
        return at;
    }

    public bool IsRoot(string resolved) => resolved == _path;

    static bool IsWithin(string folder, string path) =>
        path == folder || path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
