using System.Diagnostics;
using System.Text.Json;

namespace CloudPhone.Devices.Tests.Testing;

/// <summary>The processes of phones that a test has created.</summary>
static class Phones
{
    public static int Pid(string folder, Guid id) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, id.ToString(), "run.json")))
            .RootElement.GetProperty("pid").GetInt32();

    /// <summary>As the kernel's out-of-memory killer would.</summary>
    public static void Kill(string folder, Guid id)
    {
        using var process = Process.GetProcessById(Pid(folder, id));
        process.Kill();
        process.WaitForExit();
    }
}
