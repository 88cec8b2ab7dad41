using System.Net.WebSockets;

namespace CloudPhone.Media.Input;

/// <summary>Several write to a socket, which takes one message at a time. A viewer who reads nothing for
/// <see cref="Limit"/> is cut off.</summary>
sealed class SocketWriter(WebSocket socket) : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

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
                await InTimeAsync(socket.SendAsync(message, type, endOfMessage: true, CancellationToken.None));
        }
        finally
        {
            _turn.Release();
        }
    }

    async ValueTask InTimeAsync(ValueTask sending)
    {
        if (sending.IsCompleted)
        {
            await sending;
            return;
        }
        using var limit = new CancellationTokenSource(Limit);
        using var _ = limit.Token.UnsafeRegister(s => ((WebSocket)s!).Abort(), socket);
        await sending;
    }
}
