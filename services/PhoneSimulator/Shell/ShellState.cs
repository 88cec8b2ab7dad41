namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>What one shell remembers from line to line.</summary>
sealed class ShellState
{
    const int MaxVariables = 256;
    const int MaxChars = 64 << 10;

    public string Directory { get; set; } = "/";
    /// <summary>Of the process that the shell is.</summary>
    public int Pid { get; init; }
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
            if (equals > 0)
                Assign(assignment[..equals], assignment[(equals + 1)..]);
        }
    }

    /// <summary>What it takes is its name and its value, in place of those that it had.</summary>
    void Assign(string name, string value)
    {
        var others = Variables.Where(v => v.Key != name).ToList();
        if (others.Count < MaxVariables
            && others.Sum(v => v.Key.Length + v.Value.Length) + name.Length + value.Length <= MaxChars)
            Variables[name] = value;
    }
}
