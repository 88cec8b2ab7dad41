using System.Net;
using System.Net.Sockets;
using CloudPhone.Adb;

namespace CloudPhone.Devices.Tunnels;

/// <summary>The port of one tunnel, in this process.</summary>
sealed class TunnelListener : IDisposable
{
    /// <summary>Fewer than an adbd takes, so that this service's own way to the phone stays free.</summary>
    const int MaxSessions = 8;
    const int Backlog = 16;
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.1);
    readonly CancellationTokenSource _end = new();
    readonly Socket _socket;

    TunnelListener(Socket socket) => _socket = socket;

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <returns>Null where somebody else has the port.</returns>
    public static TunnelListener? TryBind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return new(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <param name="admit">Asked for each who has shown the key: where the phone's adbd is; null: not now.</param>
    public async Task ServeAsync(
        AdbKey key, Func<EndPoint?, Task<AdbAddress?>> admit, TimeProvider clock, Action<string> failed)
    {
        using var free = new SemaphoreSlim(MaxSessions);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await free.WaitAsync(_end.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            if (await AcceptAsync(clock) is { } client)
                _ = RunAsync(client, key, admit, clock, failed, free);
            else
                free.Release();
        }
    }

    /// <returns>Null where nobody came after all, or the process has no descriptor for him: he is waited for a
    /// moment.</returns>
    async Task<Socket?> AcceptAsync(TimeProvider clock)
    {
        try
        {
            return await _socket.AcceptAsync(_end.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            await Task.Delay(Pause, clock, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        }
    }

    async Task RunAsync(Socket client, AdbKey key, Func<EndPoint?, Task<AdbAddress?>> admit, TimeProvider clock,
        Action<string> failed, SemaphoreSlim free)
    {
        try
        {
            using (client)
                await TunnelSession.RunAsync(client, key, () => admit(client.RemoteEndPoint), clock, _end.Token);
        }
        catch (Exception e)
        {
            failed(e.Message); // either side hung up, or does not speak ADB
        }
        finally
        {
            try
            {
                free.Release();
            }
            catch (ObjectDisposedException)
            {
                // the tunnel is closed
            }
        }
    }

    /// <summary>Ends all that goes through it.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _socket.Dispose();
    }
}
