using System.Net;
using System.Net.Sockets;

namespace CloudPhone.Sidecar.Tests.Testing;

/// <summary>An app that dies in the middle of each answer.</summary>
public sealed class BreakingApp : IAsyncDisposable
{
    readonly TcpListener _listener;
    readonly Task _serving;

    BreakingApp(int port)
    {
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Takes the place of another app at its port.</summary>
    public static async Task<BreakingApp> StartAsync(int port, RecordingApp before)
    {
        await before.DisposeAsync();
        return new(port);
    }

    async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await client.GetStream().ReadAtLeastAsync(new byte[8192], 1);
                await client.GetStream().WriteAsync(
                    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it"u8.ToArray());
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // The listener was stopped, while it waited or while it answered.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }
}
