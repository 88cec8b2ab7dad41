using System.Net.Sockets;
using System.Text;

namespace CloudPhone.PhoneSimulator.Control;

/// <summary>One client's connection: requests one after the other, bodies only with a Content-Length.</summary>
sealed class ControlConnection(Socket socket) : IDisposable
{
    const int MaxHeadBytes = 8 << 10;
    static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(5);
    static readonly TimeSpan HeadLimit = TimeSpan.FromSeconds(10);
    readonly NetworkStream _stream = new(socket, ownsSocket: true);
    readonly byte[] _buffer = new byte[MaxHeadBytes];
    int _filled;

    /// <returns>Null when the client has closed, is silent for too long, or speaks something else.</returns>
    public async Task<ControlRequest?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(IdleLimit);
        while (true)
        {
            var end = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var request = ControlRequest.Parse(Encoding.Latin1.GetString(_buffer, 0, end));
                if (request is null)
                    return null;
                var bodyStart = end + 4;
                request.Body = new BodyStream(
                    _stream, _buffer.AsMemory(bodyStart, _filled - bodyStart), request.ContentLength);
                return request;
            }
            if (_filled == _buffer.Length)
                return null;
            if (_filled > 0)
                limit.CancelAfter(HeadLimit);
            var n = await _stream.ReadAsync(_buffer.AsMemory(_filled), limit.Token);
            if (n == 0)
                return null;
            _filled += n;
        }
    }

    /// <returns>False where the connection can't be used again, because the body was not read to its end.</returns>
    public async Task<bool> WriteAsync(ControlRequest request, ControlAnswer answer)
    {
        var rest = request.Body.Rest;
        var keep = request.Body.IsAtEnd && answer.Then is null;
        var head = $"HTTP/1.1 {answer.Status} -\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {answer.Body.Length}\r\n" + (keep ? "\r\n" : "Connection: close\r\n\r\n");
        var bytes = new byte[head.Length + answer.Body.Length];
        Encoding.ASCII.GetBytes(head, bytes);
        answer.Body.CopyTo(bytes.AsMemory(head.Length));
        await _stream.WriteAsync(bytes);
        rest.CopyTo(_buffer);
        _filled = rest.Length;
        return keep;
    }

    public void Dispose() => _stream.Dispose();
}
