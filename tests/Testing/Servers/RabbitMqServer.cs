using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace CloudPhone.Testing.Servers;

/// <summary>
/// A private RabbitMQ node with its management API in a temporary folder, from Debian's package; ports, node name,
/// cookie and name server are its own. It ends with the test run, also where that is killed: a shell beside it waits
/// for the end of its own input, then kills it and removes the folder.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    // Debian's /usr/sbin/rabbitmq-server wants to be root and becomes rabbitmq; this is what it starts
    const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    const string Script = """
        "$1" >>"$2/log" 2>&1 </dev/null &
        node=$!
        trap '' HUP INT TERM
        word=remove
        while read -r word; do
            case $word in
                freeze) kill -STOP $node; touch "$2/frozen" ;;
                thaw) kill -CONT $node; rm "$2/frozen" ;;
                *) break ;;
            esac
        done
        signal=KILL
        [ "$word" = stop ] && signal=TERM
        kill -CONT $node
        kill -$signal $node
        wait $node
        epmd -kill >/dev/null 2>&1
        case $word in stop | kill) ;; *) rm -rf "$2" ;; esac
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-rabbitmq-").FullName;
    readonly int _port = FreePort.Next(), _management = FreePort.Next(), _distribution = FreePort.Next(),
        _names = FreePort.Next();
    readonly HttpClient _http;
    Process? _shell;

    RabbitMqServer()
    {
        _http = new() { BaseAddress = new($"http://127.0.0.1:{_management}/api/") };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes("guest:guest")));
    }

    /// <summary>Why there can be none on this machine; null where there can.</summary>
    /// <exception cref="InvalidOperationException">CLOUDPHONE_REQUIRE_INFRA=1 asks for it.</exception>
    public static string? Missing => Installed.Require(
        File.Exists(Program) ? null : "needs RabbitMQ: apt-get install rabbitmq-server");

    /// <param name="start">false: ports are chosen, but nothing listens before
    /// <see cref="StartAgainAsync"/>.</param>
    public static async Task<RabbitMqServer> StartAsync(bool start = true)
    {
        var server = new RabbitMqServer();
        await server.ConfigureAsync();
        if (start)
            await server.StartAgainAsync();
        return server;
    }

    /// <summary>An AMQP address of the user guest.</summary>
    public string Url(string virtualHost = "", string password = "guest") =>
        $"amqp://guest:{password}@127.0.0.1:{_port}/{virtualHost}";

    /// <summary>An empty virtual host that the user guest may use.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateVirtualHostAsync()
    {
        var name = $"test-{Guid.NewGuid():N}";
        await SendAsync(HttpMethod.Put, $"vhosts/{name}");
        await SendAsync(
            HttpMethod.Put, $"permissions/{name}/guest", new { configure = ".*", write = ".*", read = ".*" });
        return name;
    }

    /// <summary>Asks the management API, like <c>queues/{virtual host}</c>.</summary>
    public async Task<JsonElement> GetAsync(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Tells the management API.</summary>
    /// <returns>What it answers; null where that is nothing.</returns>
    public async Task<JsonElement?> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = JsonContent.Create(body ?? new { });
        // the API knows no chunks
        await request.Content.LoadIntoBufferAsync();
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync();
        return text.Length == 0 ? null : JsonElement.Parse(text);
    }

    /// <summary>SIGTERM: it says good-bye to its clients. The data stays.</summary>
    public Task StopAsync() => EndAsync("stop");

    /// <summary>SIGKILL. What it has on disk stays.</summary>
    public Task KillAsync() => EndAsync("kill");

    /// <summary>SIGSTOP: connections stay open, and nothing answers.</summary>
    public Task FreezeAsync() => SetFrozenAsync("freeze", isFrozen: true);

    public Task ThawAsync() => SetFrozenAsync("thaw", isFrozen: false);

    /// <summary>Starts it on the same ports and data.</summary>
    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", Program, _folder])
        {
            RedirectStandardInput = true, WorkingDirectory = _folder,
        };
        foreach (var (name, value) in Variables())
            start.Environment[name] = value;
        _shell = Process.Start(start)!;
        await Wait.UntilAsync("RabbitMQ", IsUpAsync, 120);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync("remove");
        _http.Dispose();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    async Task<bool> IsUpAsync()
    {
        if (_shell!.HasExited)
            throw new InvalidOperationException(
                $"RabbitMQ ended: {await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
        try
        {
            await GetAsync("overview");
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    async Task SetFrozenAsync(string word, bool isFrozen)
    {
        await SayAsync(word);
        await Wait.UntilAsync(word, () => File.Exists(Path.Combine(_folder, "frozen")) == isFrozen);
    }

    async Task EndAsync(string word)
    {
        if (_shell is null)
            return;
        await SayAsync(word);
        await _shell.WaitForExitAsync();
        _shell.Dispose();
        _shell = null;
    }

    async Task SayAsync(string word)
    {
        await _shell!.StandardInput.WriteLineAsync(word);
        await _shell.StandardInput.FlushAsync();
    }

    async Task ConfigureAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugins"), "[rabbitmq_management].\n");
        await File.WriteAllTextAsync(Path.Combine(_folder, "environment"), "");
        await File.WriteAllTextAsync(Path.Combine(_folder, "rabbitmq.conf"), $"""
            listeners.tcp.1 = 127.0.0.1:{_port}
            management.tcp.port = {_management}
            management.tcp.ip = 127.0.0.1
            log.file.level = warning
            collect_statistics_interval = 500
            vm_memory_high_watermark.absolute = 1GB
            disk_free_limit.absolute = 50MB

            """);
    }

    /// <summary>The start script becomes the node itself where it thinks that systemd watches it, so the shell's
    /// signals reach the node. A cookie is made up at the first start, in the home folder.</summary>
    Dictionary<string, string> Variables() => new()
    {
        ["HOME"] = _folder, ["RUNNING_UNDER_SYSTEMD"] = "true", ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["ERL_EPMD_PORT"] = $"{_names}", ["RABBITMQ_NODENAME"] = $"test{_port}@localhost",
        ["RABBITMQ_DIST_PORT"] = $"{_distribution}", ["RABBITMQ_MNESIA_BASE"] = _folder,
        ["RABBITMQ_LOG_BASE"] = _folder, ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "environment"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 2:2 +sbwt none",
    };
}
