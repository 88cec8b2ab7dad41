using System.Net.Sockets;
using System.Text;

namespace CloudPhone.PhoneSimulator.Control;

/// <summary>One client's connection: requests one after the other, none of which has a body.</summary>
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
                _filled -= end + 4;
                _buffer.AsSpan(end + 4, _filled).CopyTo(_buffer);
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

    public ValueTask WriteAsync(ControlAnswer answer)
    {
        var head = $"HTTP/1.1 {answer.Status} -\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {answer.Body.Length}\r\n"
            + (answer.Then is null ? "\r\n" : "Connection: close\r\n\r\n");
        return _stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. answer.Body]);
    }

    public void Dispose() => _stream.Dispose();
}
