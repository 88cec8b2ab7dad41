namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>What one shell remembers from line to line.</summary>
sealed class ShellState
{
    public const int MaxVariables = 256;

    public string Directory { get; set; } = "/";
    public int LastCode { get; set; }
    public bool HasExited { get; set; }

    public Dictionary<string, string> Variables { get; } = new()
    {
        ["HOME"] = "/", ["PATH"] = "/system/bin", ["SHELL"] = "/system/bin/sh", ["USER"] = "shell",
        ["EXTERNAL_STORAGE"] = "/sdcard", ["TMPDIR"] = "/data/local/tmp", ["ANDROID_DATA"] = "/data",
    };
}
