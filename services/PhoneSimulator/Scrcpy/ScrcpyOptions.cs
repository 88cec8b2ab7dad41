using System.Globalization;

namespace CloudPhone.PhoneSimulator.Scrcpy;

/// <summary>The options of scrcpy's server, <c>key=value</c> each, with its own defaults.</summary>
sealed record ScrcpyOptions
{
    const int MaxFpsHere = 60;

    /// <summary>Known to the real one, and without a meaning here.</summary>
    static readonly HashSet<string> Unused =
    [
        "log_level", "audio_bit_rate", "audio_codec", "audio_source", "audio_dup", "audio_codec_options",
        "audio_encoder", "video_encoder", "show_touches", "stay_awake", "keep_active", "screen_off_timeout",
        "power_off_on_close", "downsize_on_error", "cleanup", "display_ime_policy", "angle",
        "vd_destroy_content", "vd_system_decorations", "capture_orientation", "flex_display",
    ];

    public int Scid { get; private set; } = -1;
    public bool Video { get; private set; } = true;
    public bool Audio { get; private set; } = true;
    public bool Control { get; private set; } = true;
    public int MaxSize { get; private set; }
    public int Fps { get; private set; } = MaxFpsHere;
    public int BitRate { get; private set; } = 8_000_000;
    public string Codec { get; private set; } = "h264";
    public TimeSpan KeyInterval { get; private set; } = TimeSpan.FromSeconds(10);
    public bool TunnelForward { get; private set; }
    public bool SendDummyByte { get; private set; } = true;
    public bool SendDeviceMeta { get; private set; } = true;
    public bool SendStreamMeta { get; private set; } = true;
    public bool ClipboardAutosync { get; private set; } = true;
    public bool PowerOn { get; private set; } = true;
    public int Alignment { get; private set; } = 2;

    public string SocketName => Scid == -1 ? "scrcpy" : $"scrcpy_{Scid:x8}";

    /// <param name="args">The version, then the options.</param>
    /// <exception cref="ScrcpyOptionException">In the words of the real server.</exception>
    public static ScrcpyOptions Parse(ReadOnlySpan<string> args)
    {
        if (args.Length == 0)
            throw new ScrcpyOptionException("Missing client version");
        if (args[0] != ScrcpyServer.Version)
            throw new ScrcpyOptionException(
                $"The server version ({ScrcpyServer.Version}) does not match the client ({args[0]})");
        var options = new ScrcpyOptions();
        foreach (var arg in args[1..])
        {
            if (arg.Split('=', 2) is not [var key, var value])
                throw new ScrcpyOptionException($"Invalid key=value pair: \"{arg}\"");
            options.Set(key, value);
        }
        return options;
    }

    void Set(string key, string value)
    {
        switch (key)
        {
            case "scid":
                Scid = int.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
                    && id >= -1 ? id : throw Wrong(key, value);
                break;
            case "video":
                Video = Flag(value);
                break;
            case "audio":
                Audio = Flag(value);
                break;
            case "control":
                Control = Flag(value);
                break;
            case "max_size":
                MaxSize = Number(key, value, 0);
                break;
            case "max_fps":
                Fps = float.TryParse(value, CultureInfo.InvariantCulture, out var fps) && fps >= 0
                    ? fps == 0 ? MaxFpsHere : (int)Math.Clamp(fps, 1, MaxFpsHere) : throw Wrong(key, value);
                break;
            case "video_bit_rate":
                BitRate = Number(key, value, 1);
                break;
            case "video_codec":
                Codec = value is "h264" or "h265" or "av1" ? value
                    : throw new ScrcpyOptionException($"Video codec {value} not supported");
                break;
            case "video_codec_options":
                SetCodec(value);
                break;
            case "min_size_alignment":
                Alignment = Number(key, value, 1) is 1 or 2 or 4 or 8 or 16
                    ? Math.Max(2, Number(key, value, 1)) : throw Wrong(key, value);
                break;
            default:
                SetTransport(key, value);
                break;
        }
    }

    void SetTransport(string key, string value)
    {
        switch (key)
        {
            case "tunnel_forward":
                TunnelForward = Flag(value);
                break;
            case "send_dummy_byte":
                SendDummyByte = Flag(value);
                break;
            case "send_device_meta":
                SendDeviceMeta = Flag(value);
                break;
            case "send_stream_meta":
                SendStreamMeta = Flag(value);
                break;
            case "raw_stream":
                if (Flag(value))
                    SendDummyByte = SendDeviceMeta = SendStreamMeta = false;
                break;
            case "power_on":
                PowerOn = Flag(value);
                break;
            case "clipboard_autosync":
                ClipboardAutosync = Flag(value);
                break;
            case "display_id" when value == "0":
            case "video_source" when value == "display":
            case "crop" or "new_display" when value.Length == 0:
                break;
            case "display_id" or "video_source" or "crop" or "new_display":
                throw new ScrcpyOptionException($"{key} {value} can not be had on this phone");
            default:
                if (!Unused.Contains(key))
                    throw new ScrcpyOptionException($"Unknown server option: {key}");
                break;
        }
    }

    /// <summary>What MediaCodec is told: <c>key[:type]=value</c>, separated by commas.</summary>
    void SetCodec(string options)
    {
        foreach (var option in options.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (option.Split('=', 2) is not [var name, var value] || name.Split(':') is not [{ Length: > 0 }, ..] parts
                || parts is [_, not ("int" or "long" or "float" or "string"), ..])
                throw new ScrcpyOptionException($"Invalid codec option: \"{option}\"");
            if (parts[0] == "i-frame-interval")
                KeyInterval = TimeSpan.FromSeconds(Number(parts[0], value, 0));
        }
    }

    static bool Flag(string value) => value.Equals("true", StringComparison.OrdinalIgnoreCase);

    static int Number(string key, string value, int min) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= min ? n
        : throw Wrong(key, value);

    static ScrcpyOptionException Wrong(string key, string value) => new($"Invalid {key}: \"{value}\"");

    int Aligned(int pixels) => Math.Max(Alignment, pixels / Alignment * Alignment);

    /// <summary>The size of the video of a screen: no side longer than asked for, in whole steps.</summary>
    public (int Width, int Height) SizeOf(int width, int height)
    {
        var longer = Math.Max(width, height);
        if (MaxSize > 0 && longer > MaxSize)
            (width, height) = ((int)((long)width * MaxSize / longer), (int)((long)height * MaxSize / longer));
        return (Aligned(width), Aligned(height));
    }
}

sealed class ScrcpyOptionException(string message) : Exception(message);
