using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using CloudPhone.Media.Screens;
using CloudPhone.Media.Sessions;

namespace CloudPhone.Media.Input;

/// <summary>Tells a viewer's socket what is new: the video's size, who has the controls, what was copied.</summary>
sealed class SocketNews(LiveSession session) : IDisposable
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    string? _copied;

    PhoneScreen Screen => session.Screen;

    /// <summary>From now on; the first is how it is now.</summary>
    public void Listen()
    {
        Screen.Changed += Say;
        Screen.Controls.Changed += Say;
        Screen.Copied += OnCopied;
        Say();
    }

    public void Say() => _changed.Writer.TryWrite(true);

    /// <summary>Only who has the controls hears it: clipboards have passwords in them.</summary>
    void OnCopied(string text)
    {
        if (Screen.Controls.Holder != session)
            return;
        Volatile.Write(ref _copied, text);
        Say();
    }

    /// <summary>Until the token fires, or the socket is gone.</summary>
    public async Task TellAsync(SocketWriter writer, CancellationToken ct)
    {
        try
        {
            await foreach (var _ in _changed.Reader.ReadAllAsync(ct))
            {
                await writer.SendTextAsync(State(), ct);
                if (Interlocked.Exchange(ref _copied, null) is { } text)
                    await writer.SendTextAsync(Bytes(new { type = "clipboard", text }), ct);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
        }
    }

    byte[] State()
    {
        var (holder, size) = (Screen.Controls.Holder, Screen.Size);
        return Bytes(new
        {
            type = "state", phone = size is null ? "waiting" : "playing", width = size?.Width, height = size?.Height,
            kilobits = Screen.BitRate / 1000, mayControl = session.MayControl,
            controls = holder is null ? "free" : holder == session ? "mine" : "other",
        });
    }

    public static byte[] Ended(string reason) => Bytes(new { type = "ended", reason });

    static byte[] Bytes<T>(T news) => JsonSerializer.SerializeToUtf8Bytes(news, Json);

    public void Dispose()
    {
        Screen.Changed -= Say;
        Screen.Controls.Changed -= Say;
        Screen.Copied -= OnCopied;
    }
}
