namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

/// <summary>
/// Decodes what the simulator encodes and nothing else: macroblocks that are plain, skipped, or like the one to the
/// left or above. Whatever else comes fails the test. It is written after the specification, not after the encoder.
/// </summary>
sealed class TinyDecoder
{
    const int Key = 5, Other = 1, Sequence = 7, Parameters = 8;
    TinyPlane[] _planes = [];
    int _wide, _high, _frameNumberBits, _frameNumber;
    int[] _coefficients = [];

    public int Width { get; private set; }
    public int Height { get; private set; }
    public int Pictures { get; private set; }
    public uint LevelNumber { get; private set; }
    public int KeyId { get; private set; } = -1;

    /// <summary>Brightness, blue, red of the visible part.</summary>
    public byte[] Plane(int number)
    {
        var (wide, high) = number == 0 ? (Width, Height) : (Width / 2, Height / 2);
        return _planes[number].Cut(wide, high);
    }

    /// <param name="annexB">Whole units.</param>
    /// <returns>The units' types.</returns>
    public List<int> Decode(ReadOnlySpan<byte> annexB)
    {
        var types = new List<int>();
        foreach (var unit in Units(annexB.ToArray()))
        {
            Assert.Equal(0, unit[0] & 0x80);
            Assert.NotEqual(0, unit[0] >> 5); // all are needed by others
            var type = unit[0] & 31;
            types.Add(type);
            var bits = new BitReader(Payload(unit));
            switch (type)
            {
                case Sequence:
                    ReadSequence(bits);
                    break;
                case Parameters:
                    ReadParameters(bits);
                    break;
                case Key or Other:
                    ReadSlice(bits, type == Key);
                    break;
                default:
                    Assert.Fail($"unit {type}");
                    break;
            }
            Assert.False(bits.HasMore());
        }
        return types;
    }

    static IEnumerable<byte[]> Units(byte[] bytes)
    {
        Assert.Equal([0, 0, 0, 1], bytes[..4]);
        var starts = Enumerable.Range(0, bytes.Length - 3)
            .Where(i => bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 0 && bytes[i + 3] == 1).ToList();
        foreach (var (i, start) in starts.Index())
            yield return bytes[(start + 4)..(i + 1 < starts.Count ? starts[i + 1] : bytes.Length)];
    }

    /// <summary>Without its head and the bytes that keep it from looking like a start.</summary>
    static byte[] Payload(byte[] unit)
    {
        var result = new List<byte>();
        var zeros = 0;
        foreach (var (i, b) in unit.Index().Skip(1))
        {
            if (zeros >= 2 && b == 3)
            {
                Assert.True(i + 1 == unit.Length || unit[i + 1] <= 3, "a byte was put in for nothing");
                zeros = 0;
                continue;
            }
            Assert.False(zeros >= 2 && b < 3, "a start within a unit");
            result.Add(b);
            zeros = b == 0 ? zeros + 1 : 0;
        }
        Assert.NotEqual(0, result[^1]);
        return [.. result];
    }

    void ReadSequence(BitReader bits)
    {
        Assert.Equal(66u, bits.Bits(8));
        Assert.Equal(0xe0u, bits.Bits(8));
        LevelNumber = bits.Bits(8);
        Assert.Equal(0u, bits.Unsigned());
        _frameNumberBits = (int)bits.Unsigned() + 4;
        Assert.Equal(2u, bits.Unsigned()); // order of pictures
        Assert.Equal(1u, bits.Unsigned());
        Assert.False(bits.Flag());
        (_wide, _high) = ((int)bits.Unsigned() + 1, (int)bits.Unsigned() + 1);
        Assert.True(bits.Flag());
        bits.Flag();
        var crop = bits.Flag() ? Enumerable.Range(0, 4).Select(_ => (int)bits.Unsigned()).ToArray() : new int[4];
        (Width, Height) = ((_wide * 16) - (2 * (crop[0] + crop[1])), (_high * 16) - (2 * (crop[2] + crop[3])));
        Assert.True(bits.Flag());
        Assert.Equal(0u, bits.Bits(2));
        Assert.True(bits.Flag());
        Assert.Equal((5u, false, true), (bits.Bits(3), bits.Flag(), bits.Flag()));
        Assert.Equal(0x060606u, bits.Bits(24));
        Assert.Equal(0u, bits.Bits(5));
        Assert.True(bits.Flag() && bits.Flag());
        Assert.Equal([0, 0, 0, 0, 0, 1], Enumerable.Range(0, 6).Select(_ => (int)bits.Unsigned()));
        _planes = [new(_wide, 16, _high), new(_wide, 8, _high), new(_wide, 8, _high)];
        _coefficients = new int[_wide * _high];
    }

    static void ReadParameters(BitReader bits)
    {
        Assert.Equal((0u, 0u), (bits.Unsigned(), bits.Unsigned()));
        Assert.Equal(0u, bits.Bits(2));
        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(_ => (int)bits.Unsigned()));
        Assert.Equal(0u, bits.Bits(3));
        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(_ => bits.Signed()));
        Assert.Equal((true, false, false), (bits.Flag(), bits.Flag(), bits.Flag()));
    }

    void ReadSlice(BitReader bits, bool isKey)
    {
        Assert.Equal(0u, bits.Unsigned());
        Assert.Equal(isKey ? 7u : 5u, bits.Unsigned());
        Assert.Equal(0u, bits.Unsigned());
        var number = (int)bits.Bits(_frameNumberBits);
        Assert.Equal(isKey ? 0 : (_frameNumber + 1) % (1 << _frameNumberBits), number);
        _frameNumber = number;
        if (isKey)
        {
            var id = (int)bits.Unsigned();
            Assert.NotEqual(KeyId, id);
            KeyId = id;
        }
        Assert.Equal(0u, bits.Bits(isKey ? 2 : 3));
        Assert.Equal(0, bits.Signed());
        Assert.Equal(1u, bits.Unsigned());
        for (var at = 0; at < _wide * _high; at++)
        {
            if (!isKey)
            {
                for (var skipped = bits.Unsigned(); skipped > 0; skipped--)
                    _coefficients[at++] = 0; // as it was
                if (at == _wide * _high)
                    break;
            }
            ReadBlock(bits, at, (int)bits.Unsigned() - (isKey ? 0 : 5));
            if (!bits.HasMore())
                Assert.True(at == _wide * _high - 1);
        }
        Pictures++;
    }

    void ReadBlock(BitReader bits, int at, int type)
    {
        var (column, row) = (at % _wide, at / _wide);
        if (type == 25)
        {
            while (!bits.IsAligned)
                Assert.Equal(0, bits.Bit());
            foreach (var plane in _planes)
                plane.Put(column, row, bits.Bytes(plane.Size * plane.Size));
            _coefficients[at] = 16;
            return;
        }
        Assert.True(type is 1 or 2, $"macroblock of type {type}");
        var colours = (int)bits.Unsigned();
        Assert.True(colours is 1 or 2, $"colours of type {colours}");
        Assert.Equal(0, bits.Signed());
        var (hasLeft, hasAbove) = (column > 0, row > 0);
        var left = hasLeft ? _coefficients[at - 1] : 0;
        var above = hasAbove ? _coefficients[at - _wide] : 0;
        var count = hasLeft && hasAbove ? (left + above + 1) >> 1 : left + above;
        if (count >= 8)
            Assert.Equal(3u, bits.Bits(6));
        else
            Assert.True(count < 2 && bits.Flag());
        _coefficients[at] = 0;
        _planes[0].Predict(column, row, fromLeft: type == 2);
        foreach (var plane in _planes[1..])
            plane.Predict(column, row, fromLeft: colours == 1);
    }
}

/// <param name="size">Of a macroblock.</param>
sealed class TinyPlane(int wide, int size, int high)
{
    readonly byte[] _samples = new byte[wide * size * high * size];

    public int Size => size;

    int At(int column, int row, int x, int y) => (((row * size) + y) * wide * size) + (column * size) + x;

    public void Put(int column, int row, byte[] samples)
    {
        for (var y = 0; y < size; y++)
            samples.AsSpan(y * size, size).CopyTo(_samples.AsSpan(At(column, row, 0, y)));
    }

    public void Predict(int column, int row, bool fromLeft)
    {
        Assert.True(fromLeft ? column > 0 : row > 0, "predicted from outside");
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
                _samples[At(column, row, x, y)] = _samples[fromLeft ? At(column, row, -1, y) : At(column, row, x, -1)];
        }
    }

    public byte[] Cut(int width, int height)
    {
        var result = new byte[width * height];
        for (var y = 0; y < height; y++)
            _samples.AsSpan(y * wide * size, width).CopyTo(result.AsSpan(y * width));
        return result;
    }
}
