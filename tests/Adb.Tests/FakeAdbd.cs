using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CloudPhone.Adb.Tests;

/// <summary>An adbd that does as the test says, on a socket.</summary>
sealed class FakeAdbd : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();

    /// <param name="each">What it does with a connection; it is closed afterwards.</param>
    public FakeAdbd(Func<FakeAdbd.Peer, Task> each)
    {
        _listener.Start();
        Serving = ServeAsync(each);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Task Serving { get; }

    public Task<AdbConnection> ConnectAsync(TimeProvider? clock = null) =>
        AdbConnection.ConnectAsync("127.0.0.1", Port, clock ?? TimeProvider.System, default);

    async Task ServeAsync(Func<Peer, Task> each)
    {
        using var client = await _listener.AcceptTcpClientAsync(_end.Token);
        try
        {
            await each(new(client.GetStream(), _end.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // the other side had enough, or the test has ended
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    public sealed class Peer(NetworkStream stream, CancellationToken end)
    {
        public CancellationToken End => end;

        public async Task WelcomeAsync(string features = "shell_v2,cmd,stat_v2,ls_v2")
        {
            await ReadAsync();
            await SendAsync(AdbCommand.Connect, 0x01000001, 64 << 10, $"device::features={features}");
        }

        public async Task<(AdbCommand Command, uint Arg0, uint Arg1, string Payload)> ReadAsync()
        {
            var head = new byte[AdbHeader.Size];
            await stream.ReadExactlyAsync(head, end);
            var header = AdbHeader.Read(head);
            var payload = new byte[header.Length];
            await stream.ReadExactlyAsync(payload, end);
            return (header.Command, header.Arg0, header.Arg1, Encoding.Latin1.GetString(payload));
        }

        /// <summary>Takes a stream.</summary>
        /// <returns>The client's id of it, which is this side's, too.</returns>
        public async Task<uint> AcceptAsync()
        {
            var (command, id, _, _) = await ReadAsync();
            Assert.Equal(AdbCommand.Open, command);
            await SendAsync(AdbCommand.Okay, id, id);
            return id;
        }

        public Task SendAsync(AdbCommand command, uint arg0, uint arg1, string payload = "") =>
            RawAsync(Packet(command, arg0, arg1, Encoding.Latin1.GetBytes(payload)));

        public async Task RawAsync(byte[] bytes) => await stream.WriteAsync(bytes, end);

        public Task StayAsync() => Task.Delay(Timeout.Infinite, end);
    }

    public static byte[] Packet(AdbCommand command, uint arg0, uint arg1, byte[] payload)
    {
        var packet = new byte[AdbHeader.Size + payload.Length];
        new AdbHeader(command, arg0, arg1, payload.Length, AdbHeader.Sum(payload)).Write(packet);
        payload.CopyTo(packet, AdbHeader.Size);
        return packet;
    }

    /// <summary>A header that says something else than it should.</summary>
    public static byte[] Header(uint command, uint length, uint magic)
    {
        var head = new byte[AdbHeader.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(head, command);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), length);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(20), magic);
        return head;
    }
}
