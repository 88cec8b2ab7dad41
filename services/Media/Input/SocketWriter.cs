using System.Net.WebSockets;

namespace CloudPhone.Media.Input;

/// <summary>Several write to a socket, which takes one message at a time.</summary>
sealed class SocketWriter(WebSocket socket) : IDisposable
{
    readonly SemaphoreSlim _turn = new(1, 1);

    public ValueTask SendTextAsync(ReadOnlyMemory<byte> message, CancellationToken ct) =>
        SendAsync(message, WebSocketMessageType.Text, ct);

    public ValueTask SendBinaryAsync(ReadOnlyMemory<byte> message, CancellationToken ct) =>
        SendAsync(message, WebSocketMessageType.Binary, ct);

    public void Dispose() => _turn.Dispose();

    async ValueTask SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            // a message that was begun is ended: half of one would end the socket
            if (socket.State == WebSocketState.Open)
                await socket.SendAsync(message, type, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }
}
