using System.Net;
using System.Net.Sockets;

namespace CloudPhone.PhoneSimulator.Adb;

/// <summary>adbd's port: whoever reaches it owns the phone, as on redroid.</summary>
sealed class AdbServer : IDisposable
{
    const int MaxConnections = 16;
    readonly AdbServices _services;
    readonly Phone _phone;
    readonly Lock _gate = new();
    IPEndPoint _address;
    TcpListener? _listener;
    CancellationTokenSource _peers = new();
    int _connections;

    AdbServer(Phone phone, AdbServices services, IPEndPoint address) =>
        (_phone, _services, _address) = (phone, services, address);

    public int Port => _address.Port;

    /// <param name="address">Its port may be 0: a free one, which stays its own as long as the process lives.</param>
    public static AdbServer Start(Phone phone, AdbServices services, IPEndPoint address)
    {
        var server = new AdbServer(phone, services, address);
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
            _listener = new TcpListener(_address);
            _listener.Start();
            _address = (IPEndPoint)_listener.LocalEndpoint;
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
