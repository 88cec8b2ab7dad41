using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CloudPhone.Benchmarks.Screens;

/// <summary>On the way to a phone's adbd; says when a touch comes by.</summary>
sealed class TouchRelay : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly int _phone;
    readonly Lock _lock = new();
    byte[] _place = [];
    TaskCompletionSource<long> _seen = new();

    public TouchRelay(int phone)
    {
        _phone = phone;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <returns>The time stamp of when a touch at that place has come.</returns>
    public Task<long> Expect(int x, int y, int width, int height)
    {
        // as scrcpy writes a position
        var place = new byte[12];
        BinaryPrimitives.WriteInt32BigEndian(place, x);
        BinaryPrimitives.WriteInt32BigEndian(place.AsSpan(4), y);
        BinaryPrimitives.WriteUInt16BigEndian(place.AsSpan(8), (ushort)width);
        BinaryPrimitives.WriteUInt16BigEndian(place.AsSpan(10), (ushort)height);
        lock (_lock)
            (_place, _seen) = (place, new(TaskCreationOptions.RunContinuationsAsynchronously));
        return _seen.Task;
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = RelayAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // it is disposed
        }
    }

    async Task RelayAsync(Socket service)
    {
        using var phone = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        (service.NoDelay, phone.NoDelay) = (true, true);
        await phone.ConnectAsync(IPAddress.Loopback, _phone);
        await Task.WhenAny(CopyAsync(service, phone, Look), CopyAsync(phone, service, _ => { }));
        service.Dispose();
    }

    static async Task CopyAsync(Socket from, Socket to, Action<ReadOnlySpan<byte>> look)
    {
        var buffer = new byte[1 << 17];
        try
        {
            for (int n; (n = await from.ReceiveAsync(buffer)) > 0;)
            {
                look(buffer.AsSpan(0, n));
                await to.SendAsync(buffer.AsMemory(0, n));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // one of both ends is gone
        }
    }

    void Look(ReadOnlySpan<byte> bytes)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_lock)
            if (_place.Length > 0 && bytes.IndexOf(_place) >= 0)
                _seen.TrySetResult(now);
    }

    public void Dispose() => _listener.Dispose();
}
