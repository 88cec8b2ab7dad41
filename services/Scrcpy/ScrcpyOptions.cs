using System.Globalization;

namespace CloudPhone.Scrcpy;

/// <summary>How a phone's screen is wanted. Only H.264 of the baseline profile: every browser decodes it.</summary>
sealed record ScrcpyOptions
{
    /// <summary>Pixels of the longer side, at most; 0: as many as the screen has.</summary>
    public int MaxSize { get; init; } = 1280;

    /// <summary>Pictures a second, at most.</summary>
    public int MaxFps { get; init; } = 30;

    /// <summary>Bits a second.</summary>
    public int BitRate { get; init; } = 4_000_000;

    /// <summary>A screen that moves sends a whole picture at least so often. In whole seconds.</summary>
    public TimeSpan KeyInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The phone tells by itself what is copied there. It then does not answer a
    /// <see cref="Control.GetClipboardMessage"/> on top of that.</summary>
    public bool ClipboardAutosync { get; init; } = true;

    /// <summary>A screen that is off goes on with the start.</summary>
    public bool PowerOn { get; init; } = true;

    /// <summary>All of the start, until the phone has said which video it sends.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For so long the phone may leave a message untaken, or a set clipboard unacknowledged.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When nothing has come for so long, adbd is asked whether it is still there: a still screen and a dead
    /// phone look the same.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one picture. More end the session.</summary>
    public int MaxFrame { get; init; } = 16 << 20;

    /// <summary>What the server is started with, after its version.</summary>
    public string Arguments(int id) => string.Create(CultureInfo.InvariantCulture,
        $"scid={id:x8} log_level=info tunnel_forward=true video=true audio=false control=true cleanup=false "
        + $"max_size={MaxSize} max_fps={MaxFps} video_bit_rate={BitRate} video_codec=h264 "
        + $"video_codec_options=profile:int=1,i-frame-interval:int={(int)KeyInterval.TotalSeconds} "
        + $"clipboard_autosync={(ClipboardAutosync ? "true" : "false")} power_on={(PowerOn ? "true" : "false")}");
}
