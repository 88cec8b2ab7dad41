namespace CloudPhone.Scrcpy.Video;

/// <summary>What a packet of the video is.</summary>
enum VideoPacketKind
{
    /// <summary>What follows has this size: at the start, when the phone is turned, after a reset.</summary>
    Session,
    /// <summary>The decoder's parameter sets, SPS and PPS.</summary>
    Config,
    /// <summary>A picture that a decoder can begin with.</summary>
    Key,
    /// <summary>A picture that needs those before.</summary>
    Frame,
}

/// <param name="Time">When it was seen, by a clock of the phone's own; of pictures only.</param>
/// <param name="Width">Pixels, as the height; of a session only.</param>
/// <param name="Data">H.264 with start codes (Annex B). Good until the next packet is read.</param>
readonly record struct VideoPacket(
    VideoPacketKind Kind, TimeSpan Time, int Width, int Height, ReadOnlyMemory<byte> Data);
