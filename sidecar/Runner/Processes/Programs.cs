namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>Finds programs as a shell would.</summary>
static class Programs
{
    /// <summary>
    /// The file that <paramref name="name"/> means in <paramref name="folder"/>: a path of its own, or found on the
    /// PATH.
    /// </summary>
    public static string? Find(string name, string folder)
    {
        if (name.Contains('/') || name.Contains(Path.DirectorySeparatorChar))
            return Existing(Path.GetFullPath(name, folder));
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(d => Existing(Path.Combine(d, name))).FirstOrDefault(f => f is not null);
    }

    static string? Existing(string file) =>
        File.Exists(file) ? file : OperatingSystem.IsWindows() && File.Exists(file + ".exe") ? file + ".exe" : null;
}
