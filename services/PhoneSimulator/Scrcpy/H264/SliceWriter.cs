namespace CloudPhone.PhoneSimulator.Scrcpy.H264;

/// <summary>
/// One picture as one slice. A macroblock is skipped where nothing changed, predicted from the one beside or above
/// where it is exactly like that, and else sent as it is (I_PCM).
/// </summary>
sealed class SliceWriter(NalWriter nal, Picture picture)
{
    const int KeySlice = 5, OtherSlice = 1;
    const int Important = 3;
    const uint AllAreP = 5, AllAreI = 7;
    /// <summary>Numbers of macroblocks within I slices; in P slices they come after five others.</summary>
    const uint Above = 1, Left = 2, Plain = 25, BeforeIntra = 5;
    const uint ColoursLeft = 1, ColoursAbove = 2;
    /// <summary>By column: whether the last macroblock there was sent as it is, which is as if it had all coefficients.
    /// </summary>
    readonly bool[] _plain = new bool[picture.Wide];
    bool _isKey;
    uint _skipped;

    public void BeginKey(int id)
    {
        nal.Begin(Important, KeySlice);
        BeginSlice(AllAreI, 0);
        nal.Unsigned((uint)id);
        nal.Flag(false); // what was sent before is still shown
        nal.Flag(false); // for short
        EndHead(isKey: true);
    }

    public void Begin(int frameNumber)
    {
        nal.Begin(Important, OtherSlice);
        BeginSlice(AllAreP, frameNumber);
        nal.Flag(false); // as many reference pictures as usual
        nal.Flag(false); // in the usual order
        nal.Flag(false); // the oldest goes
        EndHead(isKey: false);
    }

    void BeginSlice(uint type, int frameNumber)
    {
        nal.Unsigned(0); // from the first macroblock
        nal.Unsigned(type);
        nal.Unsigned(0); // parameter set
        nal.Bits((uint)frameNumber, ParameterSets.FrameNumberBits);
    }

    void EndHead(bool isKey)
    {
        nal.Signed(0); // quantiser
        nal.Unsigned(1); // no deblocking: it would change what is exact
        (_isKey, _skipped) = (isKey, 0);
        _plain.AsSpan().Clear();
    }

    public void Skip(int column)
    {
        _skipped++;
        _plain[column] = false;
    }

    public void Send(int column, int row)
    {
        if (!_isKey)
        {
            nal.Unsigned(_skipped);
            _skipped = 0;
        }
        var first = _isKey ? 0 : BeforeIntra;
        var luma = picture.Luma.IsLikeLeft(column * 16, row * 16, 16) ? Left
            : picture.Luma.IsLikeAbove(column * 16, row * 16, 16) ? Above : Plain;
        var colours = luma == Plain ? 0 : ColoursLike(column * 8, row * 8);
        if (colours == 0)
        {
            nal.Unsigned(first + Plain);
            SendPlain(column, row);
            _plain[column] = true;
            return;
        }
        nal.Unsigned(first + luma);
        nal.Unsigned(colours);
        nal.Signed(0); // quantiser
        SendNoCoefficients(column, row);
        _plain[column] = false;
    }

    /// <returns>0: like neither.</returns>
    uint ColoursLike(int x, int y) =>
        picture.Blue.IsLikeLeft(x, y, 8) && picture.Red.IsLikeLeft(x, y, 8) ? ColoursLeft
        : picture.Blue.IsLikeAbove(x, y, 8) && picture.Red.IsLikeAbove(x, y, 8) ? ColoursAbove
        : 0;

    /// <summary>"None" is written by what the neighbours have (H.264 9.2.1): none, or all sixteen.</summary>
    void SendNoCoefficients(int column, int row)
    {
        var hasMany = (column > 0 && _plain[column - 1]) || (row > 0 && _plain[column]);
        if (hasMany)
            nal.Bits(0b000011, 6);
        else
            nal.Bits(1, 1);
    }

    void SendPlain(int column, int row)
    {
        nal.Align();
        Span<byte> samples = stackalloc byte[384];
        for (var y = 0; y < 16; y++)
            picture.Luma.Row((row * 16) + y).Slice(column * 16, 16).CopyTo(samples[(y * 16)..]);
        for (var y = 0; y < 8; y++)
        {
            picture.Blue.Row((row * 8) + y).Slice(column * 8, 8).CopyTo(samples[(256 + (y * 8))..]);
            picture.Red.Row((row * 8) + y).Slice(column * 8, 8).CopyTo(samples[(320 + (y * 8))..]);
        }
        nal.Bytes(samples);
    }

    public void End()
    {
        if (_skipped > 0)
            nal.Unsigned(_skipped);
        nal.End();
    }
}
