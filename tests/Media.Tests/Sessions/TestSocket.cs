using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using CloudPhone.Media.Screens;
using CloudPhone.PhoneSimulator.Tests.Scrcpy;
using CloudPhone.Testing;

namespace CloudPhone.Media.Tests.Sessions;

/// <summary>A viewer's socket, which decodes the video that comes by it.</summary>
sealed class TestSocket : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    readonly ClientWebSocket _socket = new();
    readonly Channel<JsonElement> _news = Channel.CreateUnbounded<JsonElement>();
    readonly Lock _lock = new();
    TinyDecoder _decoder = new();
    Task _reading = Task.CompletedTask;

    public int Frames { get; private set; }
    public int Snapshots { get; private set; }
    public bool? FirstWasKey { get; private set; }
    public TimeSpan LastTime { get; private set; }
    public Exception? Failure { get; private set; }
    public (WebSocketCloseStatus? Status, string? Why) Closed => (_socket.CloseStatus, _socket.CloseStatusDescription);

    /// <param name="reads">When it begins to read; null: at once.</param>
    public static async Task<TestSocket> OpenAsync(Uri address, Task? reads = null)
    {
        var socket = new TestSocket();
        await socket._socket.ConnectAsync(address, default);
        socket._reading = socket.ReadAsync(reads ?? Task.CompletedTask);
        return socket;
    }

    public Task SendAsync(object message) => SendTextAsync(JsonSerializer.Serialize(message));

    public Task SendTextAsync(string text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    public Task SendBytesAsync(byte[] bytes) => _socket.SendAsync(bytes, WebSocketMessageType.Binary, true, default);

    /// <summary>The next news of that kind that is so.</summary>
    public async Task<JsonElement> HearsAsync(
        string type, Func<JsonElement, bool>? isSo = null, TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? Patience);
        await foreach (var news in _news.Reader.ReadAllAsync(limit.Token))
            if (news.GetProperty("type").GetString() == type && isSo?.Invoke(news) != false)
                return news;
        throw new InvalidOperationException($"The socket closed without {type}: {Closed}");
    }

    public async Task<(int Width, int Height)> PlaysAsync()
    {
        var state = await HearsAsync("state", s => s.GetProperty("phone").GetString() == "playing");
        return (state.GetProperty("width").GetInt32(), state.GetProperty("height").GetInt32());
    }

    public Task ControlsAsync(string whose) =>
        HearsAsync("state", s => s.GetProperty("controls").GetString() == whose);

    public Task ClosesAsync() => _reading.WaitAsync(Patience);

    public Task SeesAsync(int frames = 1) => Wait.UntilAsync($"{frames} pictures", () => Frames >= frames
        || (Failure is { } e ? throw new InvalidOperationException("The socket failed.", e) : false));

    /// <summary>The brightness of all pixels.</summary>
    public byte[] Picture()
    {
        lock (_lock)
            return [.. _decoder.Plane(0)];
    }

    public Task ChangesAsync(byte[] before) =>
        Wait.UntilAsync("another picture", () => !Picture().AsSpan().SequenceEqual(before));

    public Task TapAsync((int Width, int Height) size, int x, int y) => Task.WhenAll(
        Touch("down", size, x, y), Touch("up", size, x, y));

    Task Touch(string action, (int Width, int Height) size, int x, int y) => SendAsync(
        new { type = "touch", action, pointer = 0, x, y, width = size.Width, height = size.Height });

    async Task ReadAsync(Task begin)
    {
        await begin;
        var buffer = new byte[1 << 20];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), default);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
                    return;
                }
                Take(buffer.AsSpan(0, length), part.MessageType);
            }
        }
        catch (Exception e)
        {
            Failure = e;
        }
        finally
        {
            _news.Writer.TryComplete();
        }
    }

    void Take(ReadOnlySpan<byte> message, WebSocketMessageType type)
    {
        if (type == WebSocketMessageType.Text)
        {
            _news.Writer.TryWrite(JsonDocument.Parse(message.ToArray()).RootElement);
            return;
        }
        if (message[0] == SocketViewer.Snapshot)
        {
            Assert.Equal("PNG", Encoding.ASCII.GetString(message.Slice(SocketViewer.HeadLength + 1, 3)));
            Snapshots++;
            return;
        }
        var isKey = message[1] == 1;
        FirstWasKey ??= isKey;
        lock (_lock)
        {
            if (isKey)
                _decoder = new(); // all that it needs comes with it
            _decoder.Decode(message[SocketViewer.HeadLength..]);
        }
        LastTime = TimeSpan.FromMicroseconds(BinaryPrimitives.ReadInt64BigEndian(message[2..]));
        Frames++;
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        await _reading.WaitAsync(Patience);
        _socket.Dispose();
    }
}
