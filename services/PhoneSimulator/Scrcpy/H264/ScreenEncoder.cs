using CloudPhone.PhoneSimulator.Screen;

namespace CloudPhone.PhoneSimulator.Scrcpy.H264;

/// <summary>
/// Frames of one size as H.264 of the constrained baseline profile, without loss. It is small because screens are: what
/// has changed is found by comparing, and only that is sent.
/// </summary>
sealed class ScreenEncoder
{
    const int FrameNumbers = 1 << ParameterSets.FrameNumberBits;
    readonly Picture _picture;
    readonly SliceWriter _slice;
    readonly byte[] _shown;
    readonly int _fps;
    int _frameNumber;

    /// <param name="nal">Takes all that is encoded.</param>
    /// <param name="width">Even, as the height.</param>
    public ScreenEncoder(NalWriter nal, int width, int height, int fps)
    {
        (Nal, Width, Height, _fps) = (nal, width, height, fps);
        _picture = new(width, height);
        _slice = new(nal, _picture);
        _shown = new byte[width * height];
    }

    public NalWriter Nal { get; }
    public int Width { get; }
    public int Height { get; }

    /// <summary>Of the next key frame; two in a row must differ, also those of two encoders of one stream.</summary>
    public int KeyId { get; set; }

    public void WriteConfig() => ParameterSets.Write(Nal, Width, Height, _fps);

    /// <summary>The whole frame: what a decoder can begin with.</summary>
    public void WriteKey(Frame frame)
    {
        frame.Pixels.CopyTo(_shown, 0);
        _slice.BeginKey(KeyId);
        (KeyId, _frameNumber) = (1 - KeyId, 0);
        for (var row = 0; row < _picture.High; row++)
        {
            for (var column = 0; column < _picture.Wide; column++)
            {
                _picture.Take(frame, column, row);
                _slice.Send(column, row);
            }
        }
        _slice.End();
    }

    public bool HasChanged(Frame frame) => !frame.Pixels.AsSpan().SequenceEqual(_shown);

    /// <summary>What has changed since the last one, which may be nothing.</summary>
    public void WriteChange(Frame frame)
    {
        _frameNumber = (_frameNumber + 1) % FrameNumbers;
        _slice.Begin(_frameNumber);
        for (var row = 0; row < _picture.High; row++)
        {
            var isSame = Band(frame.Pixels, row).SequenceEqual(Band(_shown, row));
            for (var column = 0; column < _picture.Wide; column++)
            {
                if (isSame || IsSame(frame, column, row))
                {
                    _slice.Skip(column);
                    continue;
                }
                _picture.Take(frame, column, row);
                _slice.Send(column, row);
            }
        }
        _slice.End();
        frame.Pixels.CopyTo(_shown, 0);
    }

    /// <summary>The rows of a row of macroblocks.</summary>
    ReadOnlySpan<byte> Band(byte[] pixels, int row)
    {
        var from = row * 16 * Width;
        return pixels.AsSpan(from, Math.Min(16 * Width, pixels.Length - from));
    }

    bool IsSame(Frame frame, int column, int row)
    {
        var length = Math.Min(16, Width - (column * 16));
        for (var y = row * 16; y < Math.Min((row + 1) * 16, Height); y++)
        {
            var at = (y * Width) + (column * 16);
            if (!frame.Pixels.AsSpan(at, length).SequenceEqual(_shown.AsSpan(at, length)))
                return false;
        }
        return true;
    }
}
