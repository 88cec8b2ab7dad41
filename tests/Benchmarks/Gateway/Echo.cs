using System.Diagnostics;
using System.Net.WebSockets;

namespace CloudPhone.Benchmarks.Gateway;

/// <summary>A WebSocket whose other end sends back what comes: one message after the other.</summary>
sealed class Echo(ClientWebSocket socket) : IAsyncDisposable
{
    static readonly TimeSpan Length = TimeSpan.FromSeconds(2);
    readonly byte[] _message = new byte[100], _answer = new byte[100];

    public static async Task<Echo> ConnectAsync(Uri address)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader(GatewayProcess.User.Name, GatewayProcess.User.Value);
        await socket.ConnectAsync(address, CancellationToken.None);
        return new(socket);
    }

    /// <returns>Messages that came back, per second.</returns>
    public async Task<double> MeasureAsync()
    {
        var (start, count) = (Stopwatch.GetTimestamp(), 0);
        for (; Stopwatch.GetElapsedTime(start) < Length; count++)
        {
            await socket.SendAsync(
                _message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            for (var read = 0; read < _message.Length;)
                read += (await socket.ReceiveAsync(_answer.AsMemory(read), CancellationToken.None)).Count;
        }
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        socket.Dispose();
    }
}
