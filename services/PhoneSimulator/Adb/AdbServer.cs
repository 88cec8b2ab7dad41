using System.Net;
using System.Net.Sockets;

namespace CloudPhone.PhoneSimulator.Adb;

/// <summary>adbd's port, on the loopback address: whoever reaches it owns the phone, as on redroid.</summary>
sealed class AdbServer : IDisposable
{
    const int MaxConnections = 16;
    readonly AdbServices _services;
    readonly Phone _phone;
    readonly Lock _gate = new();
    TcpListener? _listener;
    CancellationTokenSource _peers = new();
    int _connections;

    AdbServer(Phone phone, AdbServices services) => (_phone, _services) = (phone, services);

    public int Port { get; private set; }

    /// <summary>Listens on a free port, which stays its own as long as the process lives.</summary>
    public static AdbServer Start(Phone phone, AdbServices services)
    {
        var server = new AdbServer(phone, services);
        server.Listen();
        server.FaultsChanged();
        phone.Rebooted += server.DropPeers;
        phone.Faults.Changed += server.FaultsChanged;
        return server;
    }

    void Listen()
    {
        lock (_gate)
        {
            if (_listener is not null)
                return;
            _listener = new TcpListener(IPAddress.Loopback, Port);
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _ = AcceptAsync(_listener);
        }
    }

    void FaultsChanged()
    {
        if (_phone.Faults.Has(Faults.AdbDead))
            Dispose();
        else
            Listen();
    }

    /// <summary>Every peer is dropped, as when adbd starts anew.</summary>
    public void DropPeers()
    {
        lock (_gate)
        {
            _peers.Cancel();
            _peers = new();
        }
    }

    async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptSocketAsync();
                _ = ServeAsync(socket);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                if (Interlocked.Increment(ref _connections) > MaxConnections)
                    return;
                socket.NoDelay = true;
                CancellationToken end;
                lock (_gate)
                    end = _peers.Token;
                using var wire = new AdbWire(new NetworkStream(socket), _phone.Faults);
                var connection = new AdbConnection(wire, _services);
                if (await connection.RunAsync(end) is { } reason)
                    _phone.Log.Write("adbd", $"dropped a peer: {reason}");
            }
            catch (Exception e)
            {
                _services.Failed(e);
            }
            finally
            {
                Interlocked.Decrement(ref _connections);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
            DropPeers();
        }
    }
}
