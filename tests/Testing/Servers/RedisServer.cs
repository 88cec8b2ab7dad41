using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CloudPhone.Testing.Servers;

/// <summary>
/// A private Redis server on a free port, in a temporary folder. It ends with the test run, also where that is killed:
/// a shell beside it waits for the end of its own input, then stops it and removes the folder.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    const string Program = "redis-server";

    const string Script = """
        "$1" --port "$3" --bind 127.0.0.1 --dir "$2" --save '' --appendonly no --databases 1024 --requirepass "$4" \
            >>"$2/log" 2>&1 &
        server=$!
        echo $server
        read -r word
        kill -KILL $server
        wait $server 2>/dev/null
        [ "$word" = keep ] || rm -rf "$2"
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-redis-").FullName;
    Process? _shell;
    int _server;

    RedisServer(string password) => Password = password;

    /// <summary>Why there can be none on this machine; null where there can.</summary>
    /// <exception cref="InvalidOperationException">CLOUDPHONE_REQUIRE_INFRA=1 asks for it.</exception>
    public static string? Missing => Installed.Missing(Program, "redis-server");

    public int Port { get; } = FreePort.Next();

    /// <summary>Host and port, as <c>redisHost</c> has them.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>What clients must show; empty: nothing.</summary>
    public string Password { get; }

    /// <param name="password">Empty: everybody may connect.</param>
    public static async Task<RedisServer> StartAsync(string password = "")
    {
        var server = new RedisServer(password);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Kills it. Nothing of its data is kept.</summary>
    public Task StopAsync() => EndAsync("keep");

    /// <summary>Starts it on the same port, empty.</summary>
    /// <param name="password">In place of the first one.</param>
    public async Task StartAgainAsync(string? password = null)
    {
        var start = new ProcessStartInfo("sh",
        [
            "-c", Script, "sh", Installed.Find(Program) ?? throw new InvalidOperationException(Missing), _folder,
            $"{Port}",
            password ?? Password,
        ])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/",
        };
        _shell = Process.Start(start)!;
        _server = int.Parse((await _shell.StandardOutput.ReadLineAsync())!,
            System.Globalization.CultureInfo.InvariantCulture);
        await Wait.UntilAsync("Redis", IsThereAsync, 60);
    }

    /// <summary>Stops its process where it stands, connections open, until <see cref="ThawAsync"/>.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_shell is null)
            Directory.Delete(_folder, recursive: true);
        await EndAsync("remove");
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

    /// <summary>It answers, be it with the demand for a password.</summary>
    async Task<bool> IsThereAsync()
    {
        if (_shell!.HasExited)
            throw new InvalidOperationException(
                $"Redis ended: {await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[7];
            await client.GetStream().ReadExactlyAsync(answer);
            return Encoding.ASCII.GetString(answer) is "+PONG\r\n" or "-NOAUTH";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
