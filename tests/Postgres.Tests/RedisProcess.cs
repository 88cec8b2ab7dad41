using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CloudPhone.Testing;

namespace CloudPhone.Postgres.Tests;

/// <summary>
/// A private Redis server that keeps nothing; it ends with its own input, also where the test run is killed.
/// </summary>
sealed class RedisProcess : IAsyncDisposable
{
    const string Script = """redis-server --port "$1" --bind 127.0.0.1 --save "" & read -r end; kill -9 $!""";
    readonly Process _shell;

    RedisProcess(int port)
    {
        Port = port;
        _shell = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", $"{port}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath(),
        })!;
        _shell.OutputDataReceived += (_, _) => { };
        _shell.BeginOutputReadLine();
    }

    public int Port { get; }

    /// <summary>Skips the test where there is no Redis on this machine.</summary>
    public static async Task<RedisProcess> StartAsync()
    {
        if (!File.Exists("/usr/bin/redis-server"))
            Assert.Skip("needs the program redis-server: apt-get install redis-server");
        var redis = new RedisProcess(FreePort());
        await Wait.UntilAsync("Redis", redis.IsThereAsync);
        return redis;
    }

    async Task<bool> IsThereAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _shell.StandardInput.WriteLineAsync("end");
        await _shell.StandardInput.FlushAsync();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }
}
