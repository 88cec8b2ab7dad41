using System.Net;
using System.Net.Sockets;

namespace CloudPhone.PhoneSimulator.Control;

/// <summary>
/// The control port: as much of HTTP/1.1 as its one client needs, on the loopback address. (Kestrel does it too, at 20
/// MB more for every phone
/// and three times the start-up time.)
/// </summary>
sealed class ControlServer : IDisposable
{
    const int MaxConnections = 64;
    readonly TcpListener _listener;
    readonly ControlRoutes _routes;
    readonly PhoneFolder _folder;
    int _connections;

    ControlServer(TcpListener listener, ControlRoutes routes, PhoneFolder folder) =>
        (_listener, _routes, _folder) = (listener, routes, folder);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <param name="address">Its port may be 0: a free one.</param>
    public static ControlServer Start(ControlRoutes routes, PhoneFolder folder, IPEndPoint address)
    {
        var listener = new TcpListener(address);
        listener.Start();
        var server = new ControlServer(listener, routes, folder);
        _ = server.AcceptAsync();
        return server;
    }

    async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            if (Interlocked.Increment(ref _connections) > MaxConnections)
            {
                Interlocked.Decrement(ref _connections);
                socket.Dispose();
                continue;
            }
            _ = ServeAsync(socket);
        }
    }

    async Task ServeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            using var connection = new ControlConnection(socket);
            while (await connection.ReadAsync() is { } request)
            {
                var answer = _routes.Answer(request);
                await connection.WriteAsync(answer);
                answer.Then?.Invoke();
                if (answer.Then is not null)
                    break;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // the client is gone
        }
        catch (Exception e)
        {
            _folder.Log($"{e}");
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    public void Dispose() => _listener.Dispose();
}
