using System.Diagnostics;
using System.Text.Json;
using CloudPhone.Devices.Providers.Simulated;

namespace CloudPhone.Devices.Tests.Testing;

/// <summary>The processes of phones that a test has created.</summary>
static class PhoneProcess
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

    /// <summary>Something is wrong with it, or, by DELETE, no more.</summary>
    /// <param name="stays">Also after its next start.</param>
    public static async Task FaultAsync(string folder, Guid id, string fault, bool isOn = true, bool stays = false)
    {
        var files = new PhoneFiles(folder);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Phone-Token", files.Token(id));
        using var request = new HttpRequestMessage(
            isOn ? HttpMethod.Post : HttpMethod.Delete, $"http://127.0.0.1:{files.Run(id)!.Port}/faults/{fault}");
        if (stays)
            request.Headers.Add("X-Fault-Stays", "1");
        (await http.SendAsync(request)).EnsureSuccessStatusCode();
    }
}
