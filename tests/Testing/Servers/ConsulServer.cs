using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace CloudPhone.Testing.Servers;

/// <summary>
/// A private Consul server of one node on free ports, in a temporary folder. It ends with the test run, also where that
/// is killed: a shell beside it waits for the end of its own input, then stops it and removes the folder.
/// </summary>
public sealed class ConsulServer : IAsyncDisposable
{
    const string Program = "consul";

    const string Script = """
        "$1" agent -server -bootstrap-expect=1 -node=test -data-dir="$2/data" -bind=127.0.0.1 -client=127.0.0.1 \
            -http-port="$3" -serf-lan-port="$4" -serf-wan-port="$5" -server-port="$6" -dns-port=-1 -grpc-port=-1 \
            -hcl 'performance { raft_multiplier = 1 } disable_update_check = true' >>"$2/log" 2>&1 &
        server=$!
        echo $server
        read -r word
        kill -KILL $server
        wait $server 2>/dev/null
        [ "$word" = lose ] && rm -rf "$2/data"
        [ "$word" = keep ] || [ "$word" = lose ] || rm -rf "$2"
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-consul-").FullName;
    readonly HttpClient _http;
    Process? _shell;
    int _server;

    ConsulServer() => _http = new() { BaseAddress = new($"http://{Address}"), Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>Why there can be none on this machine; null where there can.</summary>
    /// <exception cref="InvalidOperationException">CLOUDPHONE_REQUIRE_INFRA=1 asks for it.</exception>
    public static string? Missing => Installed.Missing(Program, "consul");

    public int Port { get; } = FreePort.Next();

    /// <summary>Host and port of its HTTP API.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>One that is not running yet: nothing listens on its port.</summary>
    public static ConsulServer NotStarted() => new();

    public static async Task<ConsulServer> StartAsync()
    {
        var server = new ConsulServer();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Kills it.</summary>
    /// <param name="loseData">What was registered is gone at the next start.</param>
    public Task StopAsync(bool loseData = false) => EndAsync(loseData ? "lose" : "keep");

    /// <summary>Starts it on the same port, with the data that it was left with.</summary>
    public async Task StartAgainAsync()
    {
        var program = Installed.Find(Program) ?? throw new InvalidOperationException(Missing);
        var start = new ProcessStartInfo("sh",
        [
            "-c", Script, "sh", program, _folder, $"{Port}", $"{FreePort.Next()}", $"{FreePort.Next()}",
            $"{FreePort.Next()}",
        ])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/",
        };
        _shell = Process.Start(start)!;
        _server = int.Parse((await _shell.StandardOutput.ReadLineAsync())!,
            System.Globalization.CultureInfo.InvariantCulture);
        await Wait.UntilAsync("Consul", IsThereAsync, 60);
    }

    /// <summary>Stops its process where it stands, connections open, until <see cref="ThawAsync"/>.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>What a GET of its API answers.</summary>
    public Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path);

    public async Task PutAsync(string path)
    {
        using var answer = await _http.PutAsync(path, null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>How many instances of a service pass all their checks.</summary>
    public async Task<int> PassingAsync(string service) =>
        (await GetAsync($"/v1/health/service/{service}?passing=1")).GetArrayLength();

    public Task WaitForAsync(string service, int instances) =>
        Wait.UntilAsync($"{instances} x {service}", async () => await PassingAsync(service) == instances, 30);

    public async ValueTask DisposeAsync()
    {
        if (_shell is null)
            Directory.Delete(_folder, recursive: true);
        await EndAsync("remove");
        _http.Dispose();
    }

    async Task EndAsync(string word)
    {
        if (_shell is null)
            return;
        await _shell.StandardInput.WriteLineAsync(word);
        await _shell.StandardInput.FlushAsync();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        _shell = null;
    }

    async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_server}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>It has a leader: until then it answers no query.</summary>
    async Task<bool> IsThereAsync()
    {
        if (_shell!.HasExited)
            throw new InvalidOperationException(
                $"Consul ended: {await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
        try
        {
            return (await GetAsync("/v1/health/service/consul?passing=1")).GetArrayLength() == 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
