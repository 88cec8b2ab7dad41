using System.Diagnostics;
using System.Text.Json;

namespace CloudPhone.Devices.Tests.Testing;

/// <summary>The processes of phones that a test has created.</summary>
static class Phones
{
    public static int Pid(string folder, Guid id) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, id.ToString(), "run.json")))
            .RootElement.GetProperty("pid").GetInt32();

    /// <summary>In order, as when its host goes down; returns once it is off.</summary>
    public static void ShutDown(string folder, Guid id)
    {
        using var process = Process.GetProcessById(Pid(folder, id));
        using var kill = Process.Start("kill", $"{process.Id}");
        process.WaitForExit();
    }

    public static void SetLastSeen(string folder, Guid id, DateTimeOffset at) =>
        File.SetLastWriteTimeUtc(Path.Combine(folder, id.ToString(), "lock"), at.UtcDateTime);

    /// <summary>As the kernel's out-of-memory killer would.</summary>
    public static void Kill(string folder, Guid id)
    {
        using var process = Process.GetProcessById(Pid(folder, id));
        process.Kill();
        process.WaitForExit();
    }
}
