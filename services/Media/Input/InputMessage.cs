using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudPhone.Media.Input;

/// <summary>What a viewer's socket brings: one JSON object each, of a kind that <see cref="Type"/> names. What a kind
/// does not need is not there.</summary>
/// <param name="Pointer">Which finger, from its down to its up.</param>
/// <param name="X">Pixels of the video, from the left.</param>
/// <param name="Width">Of the video that was seen, as the height.</param>
/// <param name="Dx">Steps of a wheel, to the right; <paramref name="Dy"/> up.</param>
/// <param name="Key">Android's name of it, without KEYCODE_.</param>
/// <param name="Meta">Android's meta state: the keys that are held.</param>
sealed record InputMessage(
    InputType Type, InputAction? Action = null, int? Pointer = null, double? X = null, double? Y = null,
    int? Width = null, int? Height = null, double? Pressure = null, double? Dx = null, double? Dy = null,
    string? Key = null, int? Meta = null, string? Text = null, PictureMode? Mode = null)
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 2,
        NumberHandling = JsonNumberHandling.Strict, AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true, PropertyNameCaseInsensitive = false,
        Converters = { new ExactNames<InputType>(), new ExactNames<InputAction>(), new ExactNames<PictureMode>() },
    };

    /// <summary>What it puts down or lifts; null: neither.</summary>
    [JsonIgnore]
    public string? Held => Type switch
    {
        InputType.Touch => $"{Pointer ?? 0}",
        InputType.Key when Action is InputAction.Down or InputAction.Up => Key,
        _ => null,
    };

    public InputMessage Lifted() =>
        this with { Action = Type == InputType.Touch ? InputAction.Cancel : InputAction.Up };

    /// <returns>Null: it is none.</returns>
    public static InputMessage? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<InputMessage>(json, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

enum InputType
{
    Touch, Scroll, Key, Text, Back, Home, AppSwitch, Power, Rotate, Clipboard, GetClipboard,
    /// <summary>Asks for the controls.</summary>
    Control,
    /// <summary>Gives them back.</summary>
    Release,
    /// <summary>How pictures are wanted by this socket.</summary>
    Pictures,
    /// <summary>The viewer goes.</summary>
    End,
}

enum InputAction { Down, Move, Up, Cancel, Press }

/// <summary>What a socket brings to its viewer.</summary>
enum PictureMode
{
    /// <summary>Nothing: they come by WebRTC.</summary>
    None,
    /// <summary>H.264, for WebCodecs.</summary>
    Video,
    /// <summary>PNGs, one in a second.</summary>
    Snapshots,
}
