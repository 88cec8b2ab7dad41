using System.Buffers;
using System.Net.WebSockets;
using CloudPhone.Media.Screens;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Scrcpy.Control;

namespace CloudPhone.Media.Input;

/// <summary>What sockets need from the process.</summary>
sealed record SocketParts(UdpHub Hub, TimeProvider Clock);

/// <summary>
/// One viewer's socket: what the viewer does goes to the phone, and pictures, where they are wanted, and news come
/// back. Whoever sends what can't be read, or does what is not allowed, is told why and cut off.
/// </summary>
sealed class ViewerSocket(LiveSession session, LiveSessions sessions, WebSocket socket, SocketParts parts)
    : IDisposable
{
    /// <summary>A clipboard, escaped.</summary>
    const int MaxMessage = 2 * SetClipboardMessage.MaxBytes;
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    readonly SocketWriter _writer = new(socket);
    readonly SocketNews _news = new(session);
    ShownPictures? _shown;
    volatile bool _isLeaving;

    PhoneScreen Screen => session.Screen;

    ShownPictures Pictures => _shown ??= new(session, _writer, parts.Hub);

    public async Task RunAsync(CancellationToken ct)
    {
        var turn = session.OpenSocket();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _news.Listen();
        Screen.Controls.Take(session, parts.Clock.GetUtcNow(), onDemand: false);
        var telling = _news.TellAsync(_writer, end.Token);
        // a token would break the socket off, and who is cut off is to be told why
        var hearing = HearAsync(CancellationToken.None);
        try
        {
            await Task.WhenAny(hearing, session.Over, turn.Task, Task.Delay(Timeout.Infinite, end.Token));
            _isLeaving = true;
            _news.Dispose();
            await end.CancelAsync();
            await Pictures.StopAsync();
            await telling;
            await LeaveAsync(hearing);
            await Pictures.ShowAsync(PictureMode.None);
        }
        finally
        {
            // nothing more is heard: whatever came last did not take them again
            if (session.CloseSocket(turn))
                Screen.Controls.Release(session);
        }
    }

    /// <returns>What the viewer did wrong; null: the viewer went.</returns>
    async Task<string?> HearAsync(CancellationToken ct)
    {
        var message = new ArrayBufferWriter<byte>(1024);
        while (true)
        {
            message.ResetWrittenCount();
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(message.GetMemory(1024), ct);
                if (part.MessageType == WebSocketMessageType.Close)
                    return null;
                message.Advance(part.Count);
                if (message.WrittenCount > MaxMessage)
                    return $"A message has at most {MaxMessage} bytes.";
            }
            while (!part.EndOfMessage);
            if (part.MessageType != WebSocketMessageType.Text
                || InputMessage.Parse(message.WrittenSpan) is not { } input)
                return "A message is a JSON object with a type.";
            if (PhoneInput.Check(input) is { } wrong)
                return wrong;
            if (_isLeaving || session.Over.IsCompleted)
                continue; // what was still on its way here
            if (input.Type == InputType.End)
            {
                sessions.End(session, EndReasons.Closed);
                return null;
            }
            if (await DoAsync(input, ct) is { } refusal)
                return refusal;
        }
    }

    async ValueTask<string?> DoAsync(InputMessage input, CancellationToken ct)
    {
        if (input.Type == InputType.Pictures)
        {
            await Pictures.ShowAsync(input.Mode!.Value);
            return null;
        }
        if (!session.MayControl)
            return "This session may only watch.";
        var now = parts.Clock.GetUtcNow();
        if (input.Type == InputType.Control)
        {
            Screen.Controls.Take(session, now, onDemand: true);
            _news.Say(); // also where nothing came of it
        }
        else if (input.Type == InputType.Release)
        {
            Screen.Controls.Release(session);
        }
        else if (Screen.Controls.Use(session, now) || Screen.Controls.Take(session, now, onDemand: false))
        {
            Screen.Controls.Note(input);
            await Screen.DoAsync(input, ct);
        }
        return null;
    }

    public void Dispose()
    {
        _news.Dispose();
        _shown?.Dispose();
        _writer.Dispose();
    }

    /// <param name="hearing">Whose result is what the viewer did wrong.</param>
    async Task LeaveAsync(Task<string?> hearing)
    {
        using var limit = new CancellationTokenSource(Farewell, parts.Clock);
        try
        {
            var wrong = hearing.IsCompleted ? await hearing : null;
            if (wrong is null && session.EndReason is { } reason)
                await _writer.SendTextAsync(SocketNews.Ended(reason), limit.Token);
            var status = wrong is null ? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.PolicyViolation;
            if (!hearing.IsCompleted)
                await socket.CloseOutputAsync(status, session.EndReason, limit.Token);
            else if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseAsync(status, wrong ?? session.EndReason, limit.Token);
            await hearing.WaitAsync(limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
        }
        socket.Abort(); // of one that is closed it is nothing
        await hearing.ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
