using System.Data.Common;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Platform.Tests.Running;

/// <summary>
/// The whole platform as <c>dotnet run --project sidecar</c> starts it: the runner with its sidecars and seven services
/// as processes, on free ports and with data of its own.
/// </summary>
public sealed class RunningPlatform : IAsyncDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-platform-").FullName;
    readonly Dictionary<int, int> _ports = [];
    readonly StringBuilder _log = new();
    RealServers? _servers;
    Process? _runner;

    /// <summary>Where all databases, phones and mails are.</summary>
    public string Data => Path.Combine(_folder, "data");
    public string MailFolder => Path.Combine(Data, "mail");
    public Uri Gateway => new($"http://127.0.0.1:{PortOf(30000)}");
    /// <summary>From the command to all healthy.</summary>
    public TimeSpan StartedAfter { get; private set; }

    /// <summary>Everything that the runner has printed: its own lines and those of all services.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public static async Task<RunningPlatform> StartAsync(params (string Name, string Value)[] environment)
    {
        var platform = new RunningPlatform
        {
            _servers = RealServers.AreAskedFor ? await RealServers.StartAsync() : null,
        };
        // one address makes all calls of a test
        var settings = new Dictionary<string, string>
        {
            ["RATE_LIMIT_LOGIN_PER_MINUTE"] = "100000", ["RATE_LIMIT_USER_PER_SECOND"] = "10000",
            ["RATE_LIMIT_IP_PER_SECOND"] = "10000", ["PHONE_BOOT_SECONDS"] = "1",
        };
        foreach (var (name, value) in environment)
            settings[name] = value;
        RunTemplate.Write(platform._folder, platform._servers is not null, platform.PortOf, platform.Data, settings);
        try
        {
            await platform.StartAgainAsync();
            return platform;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts on the data that is there, and waits until all are healthy.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder,
        };
        var sidecar = Path.Combine(Repository.Root, "sidecar", "bin", "Debug", "net10.0", "sidecar.dll");
        foreach (var argument in new[] { sidecar, "run", "-f", _folder, "--no-build" })
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in _servers?.Variables ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var from = Log.Length;
        var watch = Stopwatch.StartNew();
        _runner = Process.Start(start)!;
        _runner.OutputDataReceived += (_, e) => Keep(e.Data);
        _runner.ErrorDataReceived += (_, e) => Keep(e.Data);
        _runner.BeginOutputReadLine();
        _runner.BeginErrorReadLine();
        await Wait.UntilAsync("the platform to be healthy", () =>
        {
            if (_runner.HasExited)
                throw new InvalidOperationException($"The platform ended with {_runner.ExitCode}:\n{Log}");
            return Log[from..].Contains("are healthy", StringComparison.Ordinal);
        }, 120);
        StartedAfter = watch.Elapsed;
    }

    void Keep(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }

    /// <summary>A service's process now; it has another one after a crash.</summary>
    public int? PidOf(string appId) =>
        Processes.WithEnvironment($"APP_ID={appId}").FirstOrDefault(
            pid => Processes.WithEnvironment($"CLOUDPHONE_DATA={Data}").Contains(pid)
                && Processes.CommandLine(pid).Contains("CloudPhone.", StringComparison.Ordinal)
                && !Processes.CommandLine(pid)
                    .Contains("PhoneSimulator", StringComparison.Ordinal)) is var found and > 0 ? found : null;

    /// <summary>The processes of phones.</summary>
    public IReadOnlyList<int> Phones() =>
        [.. Processes.WithArgument("PhoneSimulator")
            .Where(pid => Processes.CommandLine(pid).Contains(_folder, StringComparison.Ordinal))];

    /// <summary>As a crash would; the runner starts it again.</summary>
    public async Task KillServiceAsync(string appId)
    {
        var pid = PidOf(appId) ?? throw new InvalidOperationException($"{appId} does not run.");
        Processes.Send(pid, Processes.Kill);
        await Wait.UntilAsync($"{appId} to be gone", () => PidOf(appId) != pid);
    }

    public async Task UntilHealthyAsync(string appId)
    {
        using var http = new HttpClient { BaseAddress = AddressOf(appId), Timeout = TimeSpan.FromSeconds(5) };
        await Wait.UntilAsync($"{appId} to be healthy", async () =>
        {
            try
            {
                return (await http.GetAsync("/health/ready")).IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }, 60);
    }

    /// <summary>The power fails: runner, services and phones are gone at once.</summary>
    public async Task KillEverythingAsync()
    {
        KillRunner();
        foreach (var pid in Processes.WithEnvironment($"CLOUDPHONE_DATA={Data}").Concat(Phones()))
            Processes.Send(pid, Processes.Kill);
        await Wait.UntilAsync("everything to be gone", () => Left().Count == 0);
    }

    /// <summary>As the kernel does when memory runs out: it can say nothing to anybody.</summary>
    public void KillRunner() => Processes.Send(_runner!.Id, Processes.Kill);

    /// <summary>Ctrl-C, as a terminal sends it to the runner alone.</summary>
    public async Task StopAsync()
    {
        if (_runner is null || _runner.HasExited)
            return;
        Processes.Send(_runner.Id, Processes.Terminate);
        await _runner.WaitForExitAsync();
    }

    /// <summary>What still runs of this platform.</summary>
    public IReadOnlyList<int> Left() =>
        [.. Processes.WithEnvironment($"CLOUDPHONE_DATA={Data}").Concat(Phones()).Distinct()];

    public IReadOnlyList<int> AllProcesses() => [_runner!.Id, .. Left()];

    public Uri AddressOf(string appId) => new($"http://127.0.0.1:{PortOf(30000 + Array.IndexOf(AppOrder, appId))}");

    /// <summary>The API of a service's sidecar.</summary>
    public Uri SidecarOf(string appId) => new($"http://127.0.0.1:{PortOf(31000 + Array.IndexOf(AppOrder, appId))}");

    static readonly string[] AppOrder =
        [AppIds.Gateway, AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing,
            AppIds.Notifications];

    /// <summary>A new user, signed in.</summary>
    public async Task<PlatformUser> NewUserAsync(string? language = null)
    {
        using var http = new HttpClient { BaseAddress = Gateway };
        var name = $"u{Guid.NewGuid():N}"[..20];
        var registration = await http.PostAsJsonAsync("/api/auth/register",
            new
            {
                username = name, email = $"{name}@example.com", password = "seven green lanterns",
                language = language ?? "en"
            });
        Assert.True(registration.StatusCode == HttpStatusCode.Created, await registration.Content.ReadAsStringAsync());
        return await PlatformUser.LogInAsync(this, name, "seven green lanterns");
    }

    /// <summary>The first admin, whose password the runner has made.</summary>
    public Task<PlatformUser> AdminAsync()
    {
        using var secrets = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "secrets.json")));
        return PlatformUser.LogInAsync(this, "admin", secrets.RootElement.GetProperty("ADMIN_PASSWORD").GetString()!);
    }

    /// <summary>A service's database, to look at.</summary>
    public DbConnection OpenDatabase(string appId)
    {
        if (_servers is not null)
            return _servers.Open(appId);
        var file = Path.Combine(Data, $"{appId}.db");
        var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False;Default Timeout=30");
        connection.Open();
        return connection;
    }

    int PortOf(int usual) =>
        _ports.TryGetValue(usual, out var port) ? port : _ports[usual] = FreePort.Next();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var pid in Left())
            Processes.Send(pid, Processes.Kill);
        _runner?.Dispose();
        if (Environment.GetEnvironmentVariable("CLOUDPHONE_TEST_LOGS") is { Length: > 0 } logs)
            await File.WriteAllTextAsync(Path.Combine(logs, $"{Path.GetFileName(_folder)}.log"), Log);
        await (_servers?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }
}
