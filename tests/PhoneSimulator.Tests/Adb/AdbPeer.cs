using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using CloudPhone.PhoneSimulator.Adb;

namespace CloudPhone.PhoneSimulator.Tests.Adb;

/// <summary>A peer that sends what a test wants, right or wrong.</summary>
sealed class AdbPeer(int port) : IDisposable
{
    readonly TcpClient _client = new("127.0.0.1", port) { ReceiveTimeout = 10_000 };

    public bool HasData => _client.Available > 0;

    public static AdbPeer Connected(int port, uint version = 0x01000001, uint max = 4096)
    {
        var peer = new AdbPeer(port);
        peer.Send(Packet(AdbCommand.Connect, version, max, "host::features=shell_v2"));
        var (command, _, _, banner) = peer.Read()!.Value;
        Assert.Equal(AdbCommand.Connect, command);
        Assert.StartsWith("device::ro.product.name=", banner, StringComparison.Ordinal);
        return peer;
    }

    public static byte[] Packet(AdbCommand command, uint arg0, uint arg1, string text) =>
        Packet(command, arg0, arg1, Encoding.Latin1.GetBytes(text));

    public static byte[] Packet(AdbCommand command, uint arg0, uint arg1, byte[] payload)
    {
        var packet = new byte[AdbHeader.Size + payload.Length];
        new AdbHeader(command, arg0, arg1, payload.Length, AdbHeader.Sum(payload)).Write(packet);
        payload.CopyTo(packet, AdbHeader.Size);
        return packet;
    }

    public void Send(byte[] bytes) => _client.GetStream().Write(bytes);

    public void Send(AdbCommand command, uint arg0, uint arg1, string text = "") =>
        Send(Packet(command, arg0, arg1, text));

    /// <returns>Null where the phone has closed.</returns>
    public (AdbCommand Command, uint Arg0, uint Arg1, string Text)? Read()
    {
        try
        {
            var head = new byte[AdbHeader.Size];
            if (_client.GetStream().ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
                return null;
            var payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12))];
            _client.GetStream().ReadExactly(payload);
            var header = AdbHeader.Read(head);
            return (header.Command, header.Arg0, header.Arg1, Encoding.Latin1.GetString(payload));
        }
        catch (IOException e) when (
            e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return null;
        }
    }

    /// <summary>Opens a service; the phone's id of the stream.</summary>
    public uint Open(uint id, string service)
    {
        Send(AdbCommand.Open, id, 0, service + "\0");
        var (command, phoneId, own, _) = Read()!.Value;
        Assert.Equal((AdbCommand.Okay, id), (command, own));
        return phoneId;
    }

    public void Dispose() => _client.Dispose();
}
