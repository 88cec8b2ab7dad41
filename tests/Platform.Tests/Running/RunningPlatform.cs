using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Platform.Tests.Running;

/// <summary>
/// The whole platform as <c>dotnet run --project sidecar</c> starts it. With CLOUDPHONE_TEST_REPLICAS=2, which needs
/// real servers, everything runs twice, as on two machines.
/// </summary>
public sealed class RunningPlatform : IAsyncDisposable
{
    const int LastWords = 20_000;
    readonly List<Replica> _replicas = [];
    readonly StringBuilder _log = new();
    RealServers? _servers;

    /// <summary>Null on the embedded default.</summary>
    public RealServers? Servers => _servers;

    public static int Replicas { get; } = int.Parse(
        Environment.GetEnvironmentVariable("CLOUDPHONE_TEST_REPLICAS") ?? "1", CultureInfo.InvariantCulture);

    Replica First => _replicas[0];

    /// <summary>Where all databases, phones and mails are.</summary>
    public string Data => First.Data;
    public string MailFolder => Path.Combine(Data, "mail");
    public Uri Gateway => First.AddressOf(AppIds.Gateway);
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
            ["RATE_LIMIT_IP_PER_SECOND"] = "10000", ["PHONE_BOOT_SECONDS"] = "1", ["PAYMENT_SANDBOX"] = "true",
            ["MEDIA_UDP_PORT"] = "0",
        };
        foreach (var (name, value) in environment)
            settings[name] = value;
        var variables = new Dictionary<string, string>(
            platform._servers?.Variables ?? new Dictionary<string, string>());
        for (var i = 0; i < Replicas; i++)
            platform._replicas.Add(new(variables, platform.Keep));
        if (Replicas > 1)
            platform.Share(settings, variables);
        foreach (var replica in platform._replicas)
            replica.WriteTemplate(platform._servers is not null, settings);
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

    /// <summary>What replicas must have in common: secrets, and the folders of phones, packages and mails.</summary>
    void Share(Dictionary<string, string> settings, Dictionary<string, string> variables)
    {
        settings["PHONES_FOLDER"] = Path.Combine(Data, "phones");
        variables["APP_FILES"] = Path.Combine(Data, "apps"); // the sidecars', not the services'
        settings["MAIL_FOLDER"] = MailFolder;
        settings["CLOUDPHONE_RUNNER_PID"] = $"{Environment.ProcessId}";
        var secrets = new[] { "JWT_SECRET", "DAPR_API_TOKEN", "APP_API_TOKEN", "ADMIN_PASSWORD", "SANDBOX_SECRET" }
            .ToDictionary(n => n, _ => RandomNumberGenerator.GetHexString(64, lowercase: true));
        foreach (var replica in _replicas)
        {
            Directory.CreateDirectory(replica.Data);
            File.WriteAllText(Path.Combine(replica.Data, "secrets.json"), JsonSerializer.Serialize(secrets));
        }
    }

    /// <summary>Starts on the data that is there, and waits until all are healthy.</summary>
    public async Task StartAgainAsync()
    {
        var watch = Stopwatch.StartNew();
        await StartAsync(_replicas);
        StartedAfter = watch.Elapsed;
    }

    /// <summary>Where it fails, with what the platform said last.</summary>
    async Task StartAsync(IEnumerable<Replica> replicas)
    {
        try
        {
            await Task.WhenAll(replicas.Select(r => r.StartAsync()));
        }
        catch (Exception e)
        {
            var log = Log;
            throw new InvalidOperationException($"{e.Message}\n{log[^Math.Min(log.Length, LastWords)..]}", e);
        }
    }

    void Keep(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }

    /// <summary>A service's process now, of the first replica; it has another one after a crash.</summary>
    public int? PidOf(string appId) => First.PidOf(appId);

    /// <summary>The processes of phones.</summary>
    public IReadOnlyList<int> Phones() =>
        [.. Processes.WithArgument("PhoneSimulator")
            .Where(pid => Processes.CommandLine(pid).Contains(First.Folder, StringComparison.Ordinal))];

    /// <summary>As a crash would; the runner starts it again.</summary>
    public async Task KillServiceAsync(string appId)
    {
        var pid = PidOf(appId) ?? throw new InvalidOperationException($"{appId} does not run.");
        Processes.Send(pid, Processes.Kill);
        await Wait.UntilAsync($"{appId} to be gone", () => PidOf(appId) != pid);
    }

    /// <summary>And starts it again. An embedded platform has no broker of its own.</summary>
    public async Task KillBrokerAsync()
    {
        if (_servers is null)
            return;
        await _servers.Rabbit.KillAsync();
        await _servers.Rabbit.StartAgainAsync();
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

    /// <summary>The power fails: runners, services and phones are gone at once.</summary>
    public async Task KillEverythingAsync()
    {
        KillRunner();
        await Wait.UntilAsync("everything to be gone", () =>
        {
            // again and again: a service may start one more phone before it is hit
            var left = Left();
            foreach (var pid in left)
                Processes.Send(pid, Processes.Kill);
            return left.Count == 0;
        });
    }

    public void KillRunner() => _replicas.ForEach(r => r.KillRunner());

    /// <summary>The last machine is lost, with all that runs on it but the phones, and comes back.</summary>
    public async Task LoseReplicaAsync()
    {
        var last = _replicas[^1];
        last.KillRunner();
        await Wait.UntilAsync("the replica to be gone", () => last.Left().Count == 0);
        await StartAsync([last]);
    }

    public Task StopAsync() => Task.WhenAll(_replicas.Select(r => r.StopAsync()));

    /// <summary>What still runs of this platform.</summary>
    public IReadOnlyList<int> Left() => [.. _replicas.SelectMany(r => r.Left()).Concat(Phones()).Distinct()];

    public IReadOnlyList<int> AllProcesses() => [.. _replicas.Select(r => r.RunnerPid), .. Left()];

    public Uri AddressOf(string appId) => First.AddressOf(appId);

    /// <summary>Of one app, at every replica.</summary>
    public IEnumerable<Uri> AddressesOf(string appId) => _replicas.Select(r => r.AddressOf(appId));

    /// <summary>The API of a service's sidecar.</summary>
    public Uri SidecarOf(string appId) => First.SidecarOf(appId);

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
    public Task<PlatformUser> AdminAsync() => PlatformUser.LogInAsync(this, "admin", Secret("ADMIN_PASSWORD"));

    /// <summary>One of those that the runner has made, by the name of its variable.</summary>
    public string Secret(string name)
    {
        using var secrets = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "secrets.json")));
        return secrets.RootElement.GetProperty(name).GetString()!;
    }

    /// <summary>A service's database, to look at.</summary>
    public DbConnection OpenDatabase(string appId) => OpenDatabase(appId, SqliteOpenMode.ReadOnly);

    /// <summary>Changes a service's database, for what nobody could wait for.</summary>
    public void Change(string appId, string sql)
    {
        using var connection = OpenDatabase(appId, SqliteOpenMode.ReadWrite);
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own statements
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    DbConnection OpenDatabase(string appId, SqliteOpenMode mode)
    {
        if (_servers is not null)
            return _servers.Open(appId);
        var file = Path.Combine(Data, $"{appId}.db");
        var connection = new SqliteConnection($"Data Source={file};Mode={mode};Pooling=False;Default Timeout=30");
        connection.Open();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var pid in Left())
            Processes.Send(pid, Processes.Kill);
        if (Environment.GetEnvironmentVariable("CLOUDPHONE_TEST_LOGS") is { Length: > 0 } logs)
            await File.WriteAllTextAsync(Path.Combine(logs, $"{Path.GetFileName(First.Folder)}.log"), Log);
        await (_servers?.DisposeAsync() ?? ValueTask.CompletedTask);
        _replicas.ForEach(r => r.Dispose());
    }
}
