namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>What one shell remembers from line to line.</summary>
sealed class ShellState
{
    const int MaxVariables = 256;
    const int MaxChars = 64 << 10;

    public string Directory { get; set; } = "/";
    public int LastCode { get; set; }
    public bool HasExited { get; set; }

    public Dictionary<string, string> Variables { get; } = new()
    {
        ["HOME"] = "/", ["PATH"] = "/system/bin", ["SHELL"] = "/system/bin/sh", ["USER"] = "shell",
        ["EXTERNAL_STORAGE"] = "/sdcard", ["TMPDIR"] = "/data/local/tmp", ["ANDROID_DATA"] = "/data",
    };

    /// <param name="assignments">NAME=VALUE each; others, and what there is no room for, are left out.</param>
    public void Assign(IEnumerable<string> assignments)
    {
        foreach (var assignment in assignments)
        {
            var equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && Variables.Count < MaxVariables
                && assignment.Length + Variables.Values.Sum(v => v.Length) <= MaxChars)
                Variables[assignment[..equals]] = assignment[(equals + 1)..];
        }
    }
}
