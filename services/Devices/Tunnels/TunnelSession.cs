using System.Net.Sockets;
using CloudPhone.Adb;

namespace CloudPhone.Devices.Tunnels;

/// <summary>One connection of somebody's adb: who he is, and then bytes in both directions until one side ends it. What
/// one side does not take, the other is not asked for.</summary>
static class TunnelSession
{
    public static readonly TimeSpan AuthLimit = TimeSpan.FromSeconds(10);
    const int BufferBytes = 64 << 10;

    /// <param name="admit">Where the phone's adbd is; null: not now.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task RunAsync(
        Socket client, AdbKey key, Func<Task<AdbAddress?>> admit, TimeProvider clock, CancellationToken ct)
    {
        KeepAlive(client);
        using var wire = new AdbWire(new NetworkStream(client, ownsSocket: true), clock);
        using var limit = new CancellationTokenSource(AuthLimit, clock);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        if (await TunnelAuth.AskAsync(wire, key, soon.Token) is not var (header, banner)
            || await admit() is not { } address)
            return;
        using var phone = new Socket(SocketType.Stream, ProtocolType.Tcp);
        KeepAlive(phone);
        await phone.ConnectAsync(address.Host, address.Port, soon.Token);
        await using var there = new NetworkStream(phone);
        await there.WriteAsync(Packet(header, banner), soon.Token);
        await using var here = new NetworkStream(client);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var up = here.CopyToAsync(there, BufferBytes, either.Token);
        var down = there.CopyToAsync(here, BufferBytes, either.Token);
        await Task.WhenAny(up, down);
        await either.CancelAsync();
        await Task.WhenAll(up, down);
    }

    static byte[] Packet(AdbHeader header, byte[] payload)
    {
        var packet = new byte[AdbHeader.Size + payload.Length];
        header.Write(packet);
        payload.CopyTo(packet, AdbHeader.Size);
        return packet;
    }

    /// <summary>Somebody whose machine is gone says nothing any more, and nor does one who waits.</summary>
    static void KeepAlive(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 4);
    }
}
