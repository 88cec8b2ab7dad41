using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Testing;

namespace CloudPhone.Benchmarks.Gateway;

/// <summary>
/// nginx as a reverse proxy in front of one server, connections kept open on both sides. It ends with this process,
/// also where that is killed: a shell beside it waits for the end of its own input.
/// </summary>
sealed class NginxServer : IAsyncDisposable
{
    const string Script = """
        "$1" -p "$2" -c "$2/nginx.conf" -e "$2/error.log" &
        server=$!
        read -r word
        kill -TERM $server
        wait $server
        rm -rf "$2"
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("cloudphone-nginx-").FullName;
    readonly int _port = FreePort.Next();
    Process? _shell;

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public static string Find() => MissingProgramException.Find("nginx", "nginx");

    public static async Task<NginxServer> StartAsync(int upstream)
    {
        var server = new NginxServer();
        await File.WriteAllTextAsync(Path.Combine(server._folder, "nginx.conf"), server.Configuration(upstream));
        server._shell = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", Find(), server._folder])
        {
            RedirectStandardInput = true, WorkingDirectory = "/",
        })!;
        await Wait.UntilAsync("nginx", async () =>
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, server._port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
        return server;
    }

    string Configuration(int upstream) => $$"""
        daemon off;
        worker_processes 2;
        pid {{_folder}}/pid;
        events { worker_connections 1024; }
        http {
            access_log off;
            client_body_temp_path {{_folder}}/body;
            proxy_temp_path {{_folder}}/proxy;
            fastcgi_temp_path {{_folder}}/fastcgi;
            uwsgi_temp_path {{_folder}}/uwsgi;
            scgi_temp_path {{_folder}}/scgi;
            upstream app {
                server 127.0.0.1:{{upstream}};
                keepalive 64;
                keepalive_requests 100000000;
            }
            server {
                listen 127.0.0.1:{{_port}};
                keepalive_requests 100000000;
                location / {
                    proxy_pass http://app;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                }
            }
        }
        """;

    public async ValueTask DisposeAsync()
    {
        if (_shell is null)
            return;
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }
}
