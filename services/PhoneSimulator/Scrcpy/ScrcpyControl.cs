using System.Buffers.Binary;
using System.Text;
using System.Threading.Channels;
using CloudPhone.PhoneSimulator.Android;

namespace CloudPhone.PhoneSimulator.Scrcpy;

/// <summary>The control socket: what the client wants is done on the phone, and what it copies goes back.</summary>
/// <param name="video">Null: nothing is watched; touches are then made for the screen as it is.</param>
sealed class ScrcpyControl(Phone phone, ScrcpyOptions options, ScrcpyVideo? video, Stream stream)
{
    const byte Down = 0, Up = 1, Move = 2, Cancel = 3;
    readonly Channel<byte[]> _answers = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

    public IEnumerable<Task> Run(CancellationToken ct) => [ReadAsync(ct), AnswerAsync(ct)];

    async Task ReadAsync(CancellationToken ct)
    {
        if (options.PowerOn && phone.Screen.IsAsleep)
            phone.Screen.Press(Keyboard.WakeUp);
        phone.Clipboard.Changed += Copied;
        try
        {
            var reader = new ControlReader(stream);
            while (await reader.ReadAsync(ct) is { } message)
                Do(message);
        }
        finally
        {
            phone.Clipboard.Changed -= Copied;
        }
    }

    async Task AnswerAsync(CancellationToken ct)
    {
        await foreach (var answer in _answers.Reader.ReadAllAsync(ct))
            await stream.WriteAsync(answer, ct);
    }

    void Copied(string text, object? by)
    {
        if (options.ClipboardAutosync && by != this)
            _answers.Writer.TryWrite(Clipboard(text));
    }

    void Do(ControlMessage message)
    {
        var screen = phone.Screen;
        switch (message)
        {
            case KeyMessage { Action: Down } key:
                screen.Press(key.Key, key.Meta);
                break;
            case TextMessage text:
                screen.Type(text.Text);
                break;
            case TouchMessage touch when Map(touch.X, touch.Y, touch.Width, touch.Height) is var (x, y):
                Touch(touch, x, y);
                break;
            case ScrollMessage scroll when Map(scroll.X, scroll.Y, scroll.Width, scroll.Height) is not null:
                screen.Scroll(scroll.Vertical);
                break;
            case BackMessage { Action: Down }:
                screen.Press(screen.IsAsleep ? Keyboard.Power : Keyboard.Back);
                break;
            case PanelMessage panel:
                screen.ShowPanel(panel.Title);
                break;
            case GetClipboardMessage get:
                GetClipboard(get.CopyKey);
                break;
            case SetClipboardMessage set:
                SetClipboard(set);
                break;
            case DisplayPowerMessage power:
                // the panel, which nobody sees here; what is on it goes on
                phone.Log.Write("scrcpy", $"Device display turned {(power.IsOn ? "on" : "off")}");
                break;
            case RotateMessage:
                screen.Turn();
                break;
            case StartAppMessage app:
                Start(app.Name);
                break;
            case ResetVideoMessage:
                video?.Reset();
                break;
            default:
                break;
        }
    }

    /// <returns>Null: it was made for a picture that is not there any more.</returns>
    (int X, int Y)? Map(int x, int y, int width, int height)
    {
        var screen = phone.Screen;
        if (video is null)
            return (x, y);
        return video.Size == (width, height)
            ? ((int)((long)x * screen.Width / width), (int)((long)y * screen.Height / height)) : null;
    }

    void Touch(TouchMessage touch, int x, int y)
    {
        switch (touch.Action)
        {
            case Down or Move when touch.Action == Down || phone.Screen.IsPointed(touch.Pointer):
                if (!phone.Screen.Point(touch.Pointer, x, y))
                    phone.Log.Write("scrcpy", "Too many pointers for touch event", 'W');
                break;
            case Up or Cancel:
                phone.Screen.Release(touch.Pointer, x, y);
                break;
            default:
                break; // a mouse that only passes by
        }
    }

    void GetClipboard(byte copyKey)
    {
        if (copyKey != 0)
            phone.Screen.Press(copyKey == 1 ? Keyboard.Copy : Keyboard.Cut);
        if (!options.ClipboardAutosync)
            _answers.Writer.TryWrite(Clipboard(phone.Clipboard.Text));
    }

    void SetClipboard(SetClipboardMessage set)
    {
        phone.Clipboard.Set(set.Text, this);
        if (set.Paste)
            phone.Screen.Press(Keyboard.Paste);
        if (set.Sequence == 0)
            return;
        var answer = new byte[9];
        answer[0] = 1;
        BinaryPrimitives.WriteUInt64BigEndian(answer.AsSpan(1), set.Sequence);
        _answers.Writer.TryWrite(answer);
    }

    /// <summary>"+": it is stopped before; "?": by the beginning of its name instead of its package.</summary>
    void Start(string name)
    {
        var isAnew = name.StartsWith('+');
        var wanted = isAnew ? name[1..] : name;
        var package = wanted.StartsWith('?')
            ? phone.Packages.FirstOrDefault(p => p.PackageName[(p.PackageName.LastIndexOf('.') + 1)..]
                .StartsWith(wanted[1..], StringComparison.OrdinalIgnoreCase))?.PackageName
            : wanted;
        if (isAnew && package is not null)
            phone.Screen.Close(package);
        if (package is null || !phone.Screen.Open(package))
            phone.Log.Write("scrcpy", $"No app found for {wanted}", 'W');
    }

    static byte[] Clipboard(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var answer = new byte[5 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(1), bytes.Length);
        bytes.CopyTo(answer, 5);
        return answer;
    }
}
