using System.Diagnostics;
using System.Text;

namespace CloudPhone.Testing;

/// <summary>Debian's own client with a server of its own, which is a child of the test and ends with it.</summary>
public sealed class AdbClient : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    readonly string _home = Directory.CreateTempSubdirectory("cloudphone-adb-").FullName;
    readonly int _port = FreePort.Next();
    readonly Process _server;
    string _serial = "";

    AdbClient()
    {
        // a server that makes its key itself does not write down the public one
        Directory.CreateDirectory(Path.GetDirectoryName(Key)!);
        using (var keys = Start("keygen", Key))
            keys.WaitForExit();
        _server = Start("nodaemon", "server");
        // what it says is no result, but must not fill a pipe
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
    }

    /// <summary>Why there can be none on this machine; null where there can.</summary>
    /// <exception cref="InvalidOperationException">CLOUDPHONE_REQUIRE_INFRA=1 asks for it.</exception>
    public static string? Missing => Installed.Missing("adb", "adb");

    /// <summary>With a server and a key of its own, and not connected.</summary>
    public static async Task<AdbClient> StartAsync()
    {
        var client = new AdbClient();
        try
        {
            await Wait.UntilAsync("the adb server", () => Task.FromResult(client.IsListening()), 30);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>What its key's owner shows to others.</summary>
    public string PublicKey => File.ReadAllText($"{Key}.pub");

    string Key => Path.Combine(_home, ".android", "adbkey");

    public async Task ConnectAsync(int port)
    {
        _serial = $"127.0.0.1:{port}";
        await Wait.UntilAsync("adb to connect", async () =>
        {
            await RunAsync("disconnect", _serial);
            await RunAsync("connect", _serial);
            return (await RunAsync("devices")).Text.Contains($"{_serial}\tdevice", StringComparison.Ordinal);
        }, 30, every: 0.2);
    }

    bool IsListening()
    {
        try
        {
            using var look = new System.Net.Sockets.TcpClient("127.0.0.1", _port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    /// <summary>One call for the phone.</summary>
    public Task<AdbResult> CallAsync(params string[] args) => RunAsync(["-s", _serial, .. args]);

    public async Task<AdbResult> RunAsync(params string[] args)
    {
        using var process = Start(args);
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            process.StandardInput.Close();
            using var output = new MemoryStream();
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardOutput.BaseStream.CopyToAsync(output, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, output.ToArray(), (await error).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"adb {string.Join(' ', args)} did not end");
        }
    }

    Process Start(params string[] args)
    {
        var info = new ProcessStartInfo("adb", args)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        info.Environment["ADB_SERVER_SOCKET"] = $"tcp:{_port}";
        info.Environment["HOME"] = _home;
        info.Environment["TMPDIR"] = _home;
        return Process.Start(info)!;
    }

    public async ValueTask DisposeAsync()
    {
        _server.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
        Directory.Delete(_home, recursive: true);
    }
}

/// <param name="Output">What it wrote, byte for byte.</param>
public sealed record AdbResult(int Code, byte[] Output, string Error)
{
    public string Text => Encoding.UTF8.GetString(Output).Trim();
}
