using System.Diagnostics;
using System.Text.Json;
using CloudPhone.Testing;

namespace CloudPhone.PhoneSimulator.Tests;

/// <summary>A phone's process, started as its provider does.</summary>
sealed class SimulatedPhone : IAsyncDisposable
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "CloudPhone.PhoneSimulator.dll");

    public string Folder { get; } = Directory.CreateTempSubdirectory("cloudphone-phone-").FullName;
    public Guid Id { get; } = Guid.CreateVersion7();
    public string Token { get; } = "the phone's token";
    public Process Process { get; private set; } = null!;

    public int Port => Number("port");
    public int AdbPort => Number("adbPort");

    int Number(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "run.json"))).RootElement.GetProperty(name)
            .GetInt32();

    public static async Task<SimulatedPhone> StartAsync(int? runner = null, string boot = "0")
    {
        var phone = new SimulatedPhone();
        var identity = new { deviceId = phone.Id, token = phone.Token };
        await File.WriteAllTextAsync(Path.Combine(phone.Folder, "phone.json"), JsonSerializer.Serialize(identity));
        phone.Process = phone.Run(runner ?? Environment.ProcessId, boot);
        await phone.UpAsync();
        return phone;
    }

    public Process Run(int runner, string boot, string? folder = null)
    {
        var info = new ProcessStartInfo(
            "dotnet", [Program, "--folder", folder ?? Folder])
        { RedirectStandardError = true };
        info.Environment["CLOUDPHONE_RUNNER_PID"] = $"{runner}";
        info.Environment["PHONE_BOOT_SECONDS"] = boot;
        return Process.Start(info)!;
    }

    public Task UpAsync() =>
        Wait.UntilAsync("the phone to listen", () => File.Exists(Path.Combine(Folder, "run.json")), 60);

    public async Task<AdbClient> ConnectAdbAsync()
    {
        var client = await AdbClient.StartAsync();
        await client.ConnectAsync(AdbPort);
        return client;
    }

    public async Task RestartAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
        File.Delete(Path.Combine(Folder, "run.json"));
        Process = Run(Environment.ProcessId, "0");
        await UpAsync();
    }

    public HttpClient Client(string? token = null)
    {
        var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{Port}") };
        client.DefaultRequestHeaders.Add("X-Phone-Token", token ?? Token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
